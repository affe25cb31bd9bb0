"""Tiny models with random weights, made on this machine: nothing is downloaded.

Runs with the Python of the environment "makers" (torch, transformers, gguf,
ctranslate2): `python tests/nodes/models.py chat FOLDER`. Imports nothing of Greenroom.
The seed is fixed: the same versions make the same weights.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n"
    "{% endfor %}assistant: "
)
LANGUAGES = ["en", "de", "fr", "es", "it", "ja", "zh"]
WIDTH = 128


def seeded(class_name: str, config: Any) -> Any:
    """A model of transformers with random weights."""
    import_module("torch").manual_seed(0)
    return getattr(import_module("transformers"), class_name)(config).eval()


def byte_symbols() -> dict[str, int]:
    """The 256 symbols of byte-level BPE."""
    alphabet = import_module("tokenizers").pre_tokenizers.ByteLevel.alphabet()
    return {symbol: number for number, symbol in enumerate(sorted(alphabet))}


def chat(folder: Path) -> None:
    """A Llama of about half a million parameters whose tokens are bytes."""
    tokenizers, transformers = (
        import_module("tokenizers"),
        import_module("transformers"),
    )
    bytewise = tokenizers.Tokenizer(tokenizers.models.BPE(byte_symbols(), []))
    bytewise.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = tokenizers.decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bytewise,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        chat_template=TEMPLATE,
    )
    tokenizer.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=320,
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    seeded("LlamaForCausalLM", config).save_pretrained(folder)
    readable_by_older(folder)


def embedding(folder: Path) -> None:
    """A BERT of sentence-transformers' layout: mean pooling, normalized, 128 wide."""
    tokenizers, transformers = (
        import_module("tokenizers"),
        import_module("transformers"),
    )
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?'-"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [*special, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {word: number for number, word in enumerate(words)}
    wordpiece = tokenizers.implementations.BertWordPieceTokenizer(vocabulary)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=wordpiece._tokenizer,
        **{f"{name[1:-1].lower()}_token": name for name in special},
        model_max_length=512,
    )
    tokenizer.save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
    )
    seeded("BertModel", config).save_pretrained(folder)
    sentence_layers(folder)
    readable_by_older(folder)


def readable_by_older(folder: Path) -> None:
    """A tokenizer class whose name transformers 4 (Infinity's) knows as well."""
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text())
    write(path, config | {"tokenizer_class": "PreTrainedTokenizerFast"})


def sentence_layers(folder: Path) -> None:
    """The files by which sentence-transformers and vLLM know how to pool."""
    prefix = "sentence_transformers.models"
    layers = [
        {"idx": 0, "name": "0", "path": "", "type": f"{prefix}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{prefix}.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{prefix}.Normalize"},
    ]
    pooling = {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True}
    write(folder / "modules.json", layers)
    write(folder / "1_Pooling" / "config.json", pooling)
    write(folder / "sentence_bert_config.json", {"max_seq_length": 512})
    (folder / "2_Normalize").mkdir()


def write(path: Path, value: Any) -> None:
    """One JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def whisper_specials() -> list[str]:
    """Whisper's special tokens, in the order in which its code counts on them."""
    return [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{language}|>" for language in LANGUAGES),
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
        *(f"<|{step / 50:.2f}|>" for step in range(1501)),
    ]


def whisper_tokenizer() -> Any:
    """A byte-wise tokenizer with Whisper's special tokens."""
    tokenizers, transformers = (
        import_module("tokenizers"),
        import_module("transformers"),
    )
    bytewise = tokenizers.Tokenizer(tokenizers.models.BPE(byte_symbols(), []))
    bytewise.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = tokenizers.decoders.ByteLevel()
    special = [
        tokenizers.AddedToken(text, special=True, normalized=False)
        for text in whisper_specials()
    ]
    bytewise.add_special_tokens(special)
    end = "<|endoftext|>"
    return transformers.WhisperTokenizerFast(
        tokenizer_object=bytewise,
        vocab=byte_symbols(),
        merges=[],
        bos_token=end,
        eos_token=end,
        unk_token=end,
        pad_token=end,
        additional_special_tokens=whisper_specials()[1:],
    )


def whisper(folder: Path) -> None:
    """A Whisper with 2 + 2 layers; its transcripts are noise."""
    transformers = import_module("transformers")
    tokenizer = whisper_tokenizer()
    extractor = transformers.WhisperFeatureExtractor()
    transformers.WhisperProcessor(extractor, tokenizer).save_pretrained(folder)
    token = tokenizer.convert_tokens_to_ids
    end, start = token("<|endoftext|>"), token("<|startoftranscript|>")
    config = transformers.WhisperConfig(
        vocab_size=len(tokenizer),
        d_model=WIDTH,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=2 * WIDTH,
        decoder_ffn_dim=2 * WIDTH,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        decoder_start_token_id=start,
        suppress_tokens=[],
        begin_suppress_tokens=[end],
    )
    model = seeded("WhisperForConditionalGeneration", config)
    model.generation_config.update(
        lang_to_id={f"<|{name}|>": token(f"<|{name}|>") for name in LANGUAGES},
        task_to_id={name: token(f"<|{name}|>") for name in ("translate", "transcribe")},
        no_timestamps_token_id=token("<|notimestamps|>"),
        is_multilingual=True,
        suppress_tokens=[],
        begin_suppress_tokens=[end],
        alignment_heads=[[1, 0]],
    )
    model.save_pretrained(folder)


def ct2(folder: Path) -> None:
    """The same Whisper for CTranslate2 (faster-whisper)."""
    source = folder.parent / "whisper"
    if not source.exists():
        main("whisper", str(source))
    converters = import_module("ctranslate2.converters")
    converter = converters.TransformersConverter(str(source))
    converter.convert(str(folder), force=True)
    for path in [*source.glob("tokenizer*"), *source.glob("*processor_config.json")]:
        shutil.copy(path, folder)


def gguf(folder: Path) -> None:
    """A Llama in one GGUF file, its tokens the bytes of SentencePiece."""
    package = import_module("gguf")
    writer = package.GGUFWriter(str(folder / "model.gguf"), "llama")
    writer.add_name("greenroom tiny")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(2)
    writer.add_feed_forward_length(2 * WIDTH)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // 2)
    writer.add_file_type(0)
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokens += ["▁", *"etaoinshrdlu"]
    kinds = package.TokenType
    normal = [kinds.NORMAL] * (len(tokens) - 259)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(
        [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * 256, *normal]
    )
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)
    for name, shape in gguf_shapes(len(tokens)).items():
        writer.add_tensor(name, random_tensor(name, shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_shapes(vocabulary: int) -> dict[str, tuple[int, ...]]:
    """The tensors of that Llama."""
    wide = 2 * WIDTH
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (vocabulary, WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (vocabulary, WIDTH),
    }
    for block in ("blk.0", "blk.1"):
        square = ("attn_q", "attn_k", "attn_v", "attn_output")
        shapes |= {f"{block}.{name}.weight": (WIDTH, WIDTH) for name in square}
        shapes |= {f"{block}.{n}.weight": (WIDTH,) for n in ("attn_norm", "ffn_norm")}
        shapes |= {f"{block}.{n}.weight": (wide, WIDTH) for n in ("ffn_gate", "ffn_up")}
        shapes[f"{block}.ffn_down.weight"] = (WIDTH, wide)
    return shapes


def random_tensor(name: str, shape: tuple[int, ...]) -> Any:
    """Ones for a norm, small numbers for the others."""
    numpy = import_module("numpy")
    if "norm" in name:
        return numpy.ones(shape, dtype=numpy.float32)
    generator = numpy.random.default_rng(len(name) + sum(shape))
    return generator.normal(0, 0.05, shape).astype(numpy.float32)


MODELS: dict[str, Callable[[Path], None]] = {
    "chat": chat,
    "embedding": embedding,
    "whisper": whisper,
    "ct2": ct2,
    "gguf": gguf,
}


def main(name: str, target: str) -> None:
    """Make one model; the folder appears when it is complete."""
    folder = Path(target)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    MODELS[name](unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
