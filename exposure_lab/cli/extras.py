"""Extras of the package that a command needs: the sentence in place of a traceback."""

from importlib.util import find_spec

from exposure_lab.errors import ConfigError


def need_extra(extra: str, *modules: str) -> None:
    """Check that modules of an extra are installed, before anything else is done.

    Args:
        extra: name of the extra, such as ``book``.
        modules: what the command imports, or the programs that it starts.

    Raises:
        ConfigError: one is missing.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ConfigError(
            f"Expected the extra `{extra}` for this command, but this installation lacks "
            f'{", ".join(missing)}: run `pip install "exposure-lab[{extra}]"`.'
        )
