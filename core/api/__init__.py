"""The HTTP API's ground floor: keys, strict JSON, problem documents, pages and the schema."""
