"""All attacks, in the order of their families."""

import attacks_by_files
import attacks_on_comparison
import attacks_on_intake
import attacks_on_ipython
import attacks_on_pages
import attacks_on_secrets
import attacks_on_stored_checks
import attacks_on_the_evidence
import attacks_on_the_machine
import attacks_on_the_question
from attack import Attack

MODULES = (
    attacks_on_stored_checks,
    attacks_on_ipython,
    attacks_on_comparison,
    attacks_on_the_question,
    attacks_by_files,
    attacks_on_the_evidence,
    attacks_on_the_machine,
    attacks_on_secrets,
    attacks_on_intake,
    attacks_on_pages,
)

ATTACKS: tuple[Attack, ...] = tuple(attack for module in MODULES for attack in module.ATTACKS)

FORGING = tuple(attack for attack in ATTACKS if attack.control is not None)
