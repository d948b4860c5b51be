"""The expression builder without a browser: what it says of an expression, and that nothing is lost on the way."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from portal import schemas
from provisioning.models import DirectoryObject, Feed
from tests.portal.world import World

NAMES = 'Join(" ", [givenName], [surname])'


@pytest.fixture
def noor(world: World) -> DirectoryObject:
    person = world.people[0]
    person.attributes |= {"givenName": "Noor", "surname": "van den Berg", "department": "Sales"}
    person.save()
    everything = sorted(schemas.source_definitions(world.job.schema))
    Feed.objects.create(tenant=world.contoso, kind=Feed.Kind.USERS, read_select=everything)
    return person


def address(name: str, world: World, target: str = "") -> str:
    return reverse(name, args=(world.gotomeeting.pk,)) + (f"?target={target}" if target else "")


def said(client: Client, name: str, world: World, person: DirectoryObject | None = None, **fields: str) -> str:
    """The text of the answer, one space between its words."""
    chosen = {"object": person.object_id} if person else {}
    answer = client.post(address(name, world), {"builder": "1", **chosen, **fields}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return text_of(answer.content.decode())


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def hidden_fields(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return {name: unescape(value) for name, value in found}


# --- the page -------------------------------------------------------------------------------------------------------


def test_it_begins_with_what_is_mapped_today_and_somebody_to_try_it_on(world: World, administrator: Client) -> None:
    html = administrator.get(address("expression-builder", world, "locale")).content.decode()

    assert 'Replace([preferredLanguage], "-", , , "_", , )' in unescape(html)
    assert "Join(separator, source1, source2, …)" in html  # a function with its signature
    assert "<code>userPrincipalName</code>" in html
    assert "person1@contoso.com" in html  # a sample value


def test_the_editor_may_bring_its_own_style_and_nobody_else_may(world: World, administrator: Client) -> None:
    builder = administrator.get(address("expression-builder", world))
    (nonce,) = re.findall(r"style-src 'self' 'nonce-([^']+)'", builder["Content-Security-Policy"])
    assert f'editor.js" nonce="{nonce}"' in builder.content.decode()
    assert "nonce-" not in administrator.get(address("mapping", world))["Content-Security-Policy"]


def test_nothing_that_was_typed_in_the_mapping_is_lost_in_the_builder(world: World, administrator: Client) -> None:
    typed = {
        "version": "1",
        "kind": "Direct",
        "source_attribute": "surname",
        "constant": "a constant",
        "expression": 'Append([surname], "!")',
        "default": "nobody",
        "target": "name.familyName",
        "matching": "on",
        "precedence": "3",
        "apply": "ObjectAddOnly",
    }
    builder = administrator.post(address("expression-builder", world, "name.familyName"), typed).content.decode()
    assert 'Append([surname], "!")' in unescape(builder)

    back = re.findall(r'formaction="([^"]+)" name="edit"', builder)[0]
    using = {**hidden_fields(builder), "expression": NAMES, "edit": "1"}
    form = administrator.post(unescape(back), using)

    assert form.status_code == 200
    shown = form.context["form"]
    assert {name: shown[name].value() for name in typed if name in shown.fields} == {
        name: value
        for name, value in (typed | {"kind": "Expression", "expression": NAMES}).items()
        if name != "version"
    } | {"matching": True}
    assert (form.context["version"], form.context["current"].target) == (1, "name.familyName")


def test_a_mapping_that_is_chosen_here_comes_with_everything_else_it_has(world: World, administrator: Client) -> None:
    builder = administrator.get(address("expression-builder", world, "userName")).content.decode()

    fields = hidden_fields(builder)

    assert (fields["target"], fields["matching"], fields["precedence"]) == ("userName", "on", "1")
    assert (fields["kind"], fields["source_attribute"]) == ("Expression", "userPrincipalName")


def test_without_scripts_people_are_searched_and_chosen_by_the_form(
    world: World, noor: DirectoryObject, administrator: Client
) -> None:
    fields = {"builder": "1", "expression": "ToUpper([department])", "text": "noor", "find": "1"}
    found = administrator.post(address("expression-builder", world), fields).content.decode()
    assert f'type="radio" name="object" value="{noor.object_id}"' in found

    evaluated = administrator.post(
        address("expression-builder", world), fields | {"object": noor.object_id, "find": ""}
    )
    assert "<code" in evaluated.content.decode()
    assert "SALES" in text_of(evaluated.content.decode())
    assert "Tried on" not in text_of(evaluated.content.decode())


def test_the_mapping_form_shows_values_beside_the_names_of_attributes(world: World, administrator: Client) -> None:
    form = administrator.get(address("attribute", world, "userName")).content.decode()
    assert '<option value="department">department – Sales</option>' in form
    assert '<option value="userPrincipalName" selected>userPrincipalName – person1@contoso.com</option>' in form


# --- what is wrong, and what comes out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "column", "message"),
    [
        ("ToLowr([department])", 1, "There is no function ToLowr. Did you mean ToLower?"),
        ('Join(" ",\r\n [givenNam])', 12, "The source has no attribute givenNam. Did you mean givenName?"),
        ("ToLower([department]", 21, ""),
        ("Left([department])", 1, "Left needs 2 arguments"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    expression: str, column: int, message: str, world: World, noor: DirectoryObject, administrator: Client
) -> None:
    answer = administrator.post(
        address("expression-verdict", world), {"builder": "1", "object": noor.object_id, "expression": expression}
    )
    html = answer.content.decode()

    assert f'data-mark="id_expression" data-column="{column}" data-severity="error"' in html
    assert f"Column {column}: {message}" in text_of(html)
    caret = re.findall(r'<pre class="expression-fault"[^>]*>(.*?)</pre>', html, re.DOTALL)[0].split("\n")[-1]
    line = expression.replace("\r\n", "\n")[: column - 1].rpartition("\n")[2]
    assert caret == " " * len(line) + "^"


def test_what_comes_out_stands_beside_what_is_mapped_today(
    world: World, noor: DirectoryObject, administrator: Client
) -> None:
    verdict = said(administrator, "expression-verdict", world, noor, expression=NAMES, target="name.familyName")
    assert "Result Noor van den Berg Today van den Berg" in verdict

    assert "No value: nothing is sent" in said(
        administrator, "expression-verdict", world, noor, expression="ToLower([mobile])"
    )
    left = said(administrator, "expression-verdict", world, noor, expression="IgnoreFlowIfNullOrEmpty([mobile])")
    assert "Left as it is" in left
    misfit = said(administrator, "expression-verdict", world, noor, expression="ToLower([department])", target="active")
    assert 'active: "sales" is neither True nor False.' in misfit
    nobody = said(administrator, "expression-verdict", world, expression=NAMES)
    assert "Choose a person to see the result." in nobody


def test_what_works_but_deserves_a_second_look_is_a_warning(
    world: World, noor: DirectoryObject, administrator: Client
) -> None:
    answer = administrator.post(address("expression-verdict", world), {"expression": "Trim([department])"})
    assert 'data-column="1" data-severity="warning"' in answer.content.decode()


def test_another_person_has_other_values(world: World, noor: DirectoryObject, administrator: Client) -> None:
    assert "surname van den Berg" in said(administrator, "expression-attributes", world, noor)
    assert "surname –" in said(administrator, "expression-attributes", world, world.people[1])


# --- everybody ------------------------------------------------------------------------------------------------------


def test_everybody_is_counted_compared_and_named(world: World, administrator: Client) -> None:
    text = said(administrator, "expression-lab", world, expression="ToLower([department])", target="userName")

    assert text.startswith("Tried on 22 people")
    assert "Another value than today 22 Noor van den Berg person0@contoso.com → it" in text
    assert "Values that must be unique: 22 people share one" in text
    assert "2 different values it 11 Noor van den Berg" in text


def test_errors_empties_and_what_is_too_long_are_told_apart(world: World, administrator: Client) -> None:
    DirectoryObject.objects.filter(pk__in=[each.pk for each in world.people[:3]]).update(
        attributes={"otherMails": ["a@x.nl", "b@x.nl"], "userPrincipalName": "x" * 200}
    )

    def tried(expression: str, target: str) -> str:
        return said(administrator, "expression-lab", world, expression=expression, target=target)

    several = "One value is wanted, but there are 2: take one with Item, or join them with Join. 3"
    assert several in tried('Append([otherMails], "")', "userName")
    assert "Too long for the target 3" in tried('Append([userPrincipalName], "")', "name.givenName")
    empty = tried("ToLower([mobile])", "userName")
    assert "No value: nothing is sent 22" in empty
    assert "No value any more 22" in empty


def test_an_expression_that_cannot_be_read_is_tried_on_nobody(world: World, administrator: Client) -> None:
    assert "cannot be read yet" in said(administrator, "expression-lab", world, expression="ToLowr([mail])")


def test_without_scripts_the_page_comes_with_the_lab_in_it(world: World, administrator: Client) -> None:
    page = administrator.post(address("expression-lab", world), {"builder": "1", "expression": "ToLower([department])"})

    text = text_of(page.content.decode())

    assert "Tried on 22 people" in text
    assert "Functions" in text


def test_an_empty_mirror_is_said_to_be_empty(world: World, administrator: Client) -> None:
    DirectoryObject.objects.update(removed="deleted")

    assert "Nobody is in the mirror" in said(administrator, "expression-lab", world, expression="ToLower([mail])")
