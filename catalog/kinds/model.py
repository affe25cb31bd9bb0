"""Model: a language, speech, embedding or other model, and its versions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalog import kind

BasedOn = Annotated[str, kind.RefTo("derivedFrom", "baseOf", "Model")]


class Version(kind.Part):
    """One version of a model."""

    version: kind.Text = Field(description="Its name.", examples=["v3"])
    stage: Literal["production", "staging", "deprecated", "archived"] = Field(
        description="What it is used for now."
    )
    artifact: str | None = Field(None, description="Where its weights lie.")
    digest: str | None = Field(None, description="The hash of its weights.")
    released: str | None = Field(None, description="The day it was released.")
    notes: str | None = Field(None, description="What is different.")
    baseModel: str | None = Field(None, description="What this version derives from.")
    evals: list[str] | None = Field(None, description="The evals it has to pass.")


class ModelSpec(kind.Spec):
    """Spec of a Model."""

    type: kind.Text = Field(description="What sort of model.", examples=["llm"])
    owner: kind.GroupOwner = Field(description="The group or user that answers for it.")
    lifecycle: kind.Text = Field(
        description="How far it is: experimental, production, deprecated."
    )
    system: kind.InSystem | None = Field(None, description="The system it is part of.")
    baseModel: BasedOn | None = Field(None, description="The model it derives from.")
    derivation: (
        Literal["fine-tune", "adapter", "quantized", "merge", "distilled"] | None
    ) = Field(None, description="How it derives from its base.")
    source: str | None = Field(
        None, description="Where it comes from: a URL or hub id."
    )
    license: str | None = Field(None, description="Its licence, as an SPDX name.")
    tasks: list[kind.Text] | None = Field(None, description="What it is able to do.")
    languages: list[kind.Text] | None = Field(None, description="What it speaks.")
    trainingData: (
        list[Annotated[str, kind.RefTo("usesData", "dataUsedBy", "Resource")]] | None
    ) = Field(None, description="The datasets it learnt from.")
    intendedUse: str | None = Field(None, description="What it is meant for.")
    limitations: str | None = Field(None, description="What it is not fit for.")
    dependsOn: list[kind.Needs] | None = Field(
        None, description="What it does not work without; each with its kind."
    )
    versions: list[Version] | None = Field(None, description="Newest first.")


class Model(kind.Kind):
    """A model and its versions."""

    name = "Model"
    plural = "Models"
    summary = "A model: where it comes from, which version is in production, its evals."
    icon = "brain"
    api_versions = kind.OURS
    types = {
        "llm": "Writes and understands text",
        "embedding": "Turns text into vectors",
        "asr": "Turns speech into text",
        "tts": "Turns text into speech",
        "reranker": "Orders search results",
        "vision": "Understands pictures",
        "classifier": "Sorts things",
    }
    Spec = ModelSpec
