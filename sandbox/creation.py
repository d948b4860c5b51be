"""Worlds made from a recipe."""

from sandbox.entra.contoso import application_roles, found_directory, gallery, registrations, settle
from sandbox.goto.contoso_meetings import SPARE_SEATS, found_account
from sandbox.identifiers import guid
from sandbox.world import Recipe, State

# What clients have been configured with stays the same, whatever seed a world is made from.
IDENTITY_SEED = "contoso"


def create(recipe: Recipe, epoch: int = 1) -> State:
    """The same recipe gives the same world, with the same identifiers."""
    applications = registrations(IDENTITY_SEED)
    directory = found_directory(recipe.seed, guid(IDENTITY_SEED, "tenant"), next(iter(applications)))
    users = 0 if recipe.empty else recipe.users
    settle(directory, users, 0 if recipe.empty else recipe.groups)
    directory.note_moment(0.0)
    goto = found_account(
        IDENTITY_SEED, list(directory.objects["user"].values()), users + SPARE_SEATS, empty=recipe.empty
    )
    return State(
        recipe=recipe,
        epoch=epoch,
        directory=directory,
        goto=goto,
        applications=applications,
        templates=gallery(recipe.seed),
        template_roles=application_roles(recipe.seed),
    )
