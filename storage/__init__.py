"""The record of what was seen: schema, migrations, repositories and the one writer."""
