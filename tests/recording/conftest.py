from recording.talk import host, record, recordings  # noqa: F401
