"""Attack table: family, how many, how many stock nbval fell for, how many earned nothing here."""

from collections.abc import Mapping, Sequence

from all_attacks import ATTACKS
from attack import Attack


def attack_table(earned: Mapping[str, int]) -> str:
    """Make the table in Markdown; that each control forges is for `test_attack_controls.py` to say.

    Args:
        earned: student to the points of the attacked question in the hostile batch.
    """
    rows = ["| family | attacks | control forged | ours earned 0 |", "|---|---:|---:|---:|"]
    for family in dict.fromkeys(attack.family for attack in ATTACKS):
        rows.append(_row(family, [one for one in ATTACKS if one.family == family], earned))
    return "\n".join([*rows, _row("all", ATTACKS, earned)])


def _row(name: str, attacks: Sequence[Attack], earned: Mapping[str, int]) -> str:
    controls = sum(attack.control is not None for attack in attacks)
    nothing = sum(earned[attack.student] == 0 for attack in attacks)
    forged = f"{controls} of {controls}" if controls else "forges nothing"
    return f"| {name} | {len(attacks)} | {forged} | {nothing} of {len(attacks)} |"
