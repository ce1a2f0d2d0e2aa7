"""What stops the lab, in words for the person in front of it."""


class LabError(Exception):
    """Something is not as the lab needs it. The message says what was found, what was expected and what to do."""
