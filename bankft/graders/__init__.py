"""OpenAI's grader objects, executed."""
