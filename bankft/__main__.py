"""``python -m bankft``: the command line where the ``bankft`` script is not on the path."""

from bankft.cli import main

if __name__ == "__main__":
    main(prog_name="bankft")
