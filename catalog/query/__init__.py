"""Finding entities: fields, facets, full text, sorting and paging."""
