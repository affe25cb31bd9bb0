"""The nouns: identities, entities, relations, revisions, findings, and access."""
