"""The page: directory and GoTo account side by side, with what one can do to a person. And the inbox."""

from html import escape
from string import Template
from urllib.parse import quote

from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.clock import iso
from sandbox.control.goto import contoso
from sandbox.control.overview import Row, rows
from sandbox.control.service import ROUTES, ControlError
from sandbox.entra.contoso import goto_meeting
from sandbox.entra.directory import DirectoryObject
from sandbox.exchange import Call
from sandbox.letters import Letter
from sandbox.world import World

MOST_ROWS = 60
SHELL = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>$title</title>
<style>
  body { font: 14px/1.4 "Segoe UI", system-ui, sans-serif; margin: 1rem 2rem; color: #242424 }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .4rem .6rem }
  th { border-bottom: 2px solid #c7c7c7 } td { border-bottom: 1px solid #e0e0e0 }
  td.goto, th.goto { border-left: 2px solid #c7c7c7 } small { color: #616161 } form { display: inline }
  .ACTIVE { color: #0e700e } .INVITED { color: #835b00 } .SUSPENDED, .off { color: #b10e1c }
  pre { white-space: pre-wrap }
  @media (prefers-color-scheme: dark) { body { background: #1f1f1f; color: #fff } small { color: #adadad }
    td { border-color: #3d3d3d } .ACTIVE { color: #54b054 } .INVITED { color: #f2c661 } .SUSPENDED { color: #e37d80 }
    .off { color: #e37d80 }
    a { color: #479ef5 } }
</style></head><body><nav><a href="/">Directory and GoTo</a> · <a href="/inbox">Inbox</a></nav><h1>$title</h1>$top
<main id="live">$content</main>
<script>
  // Fetch the page anew every two seconds, unless somebody is typing in the part that would be replaced.
  setInterval(async () => {
    const live = document.getElementById("live")
    if (live.contains(document.activeElement) && document.activeElement.tagName === "INPUT") return
    const answer = await fetch(location.href).catch(() => null)
    if (answer === null || !answer.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html")
    live.innerHTML = fresh.getElementById("live").innerHTML
  }, 2000)
</script></body></html>""")
SEARCH = '<form><label>Search <input name="search" value="{}"></label> <button>Search</button></form>'
HEADING = (
    "<table><thead><tr><th>Entra ID</th><th>Assigned to GoToMeeting</th><th>Change</th>"
    '<th class="goto">GoTo account</th><th>Products</th><th>Status</th></tr></thead><tbody>'
)


@ROUTES.on("GET", "/")
def show_page(world: World, call: Call) -> Response:
    search = call.query.get("search", "")
    shown, total = rows(world, search, MOST_ROWS)
    body = "".join(row_html(world, row, search) for row in shown)
    content = f"{HEADING}{body}</tbody></table><p>{len(shown)} of {total} shown.</p>"
    title = "Contoso's directory and its GoTo account"
    return HTMLResponse(SHELL.substitute(title=title, top=SEARCH.format(escape(search)), content=content))


def row_html(world: World, row: Row, search: str) -> str:
    person = person_html(row) if row.person is not None else "<small>not in the directory</small>"
    roles = "<br>".join(map(escape, row.roles)) or "<small>not assigned</small>"
    actions = actions_html(row, search) if row.person is not None else ""
    return f"<tr><td>{person}</td><td>{roles}</td><td>{actions}</td>{account_html(world, row)}</tr>"


def person_html(row: Row) -> str:
    assert row.person is not None
    values = row.person.properties
    state = "" if values["accountEnabled"] else ' <b class="off">blocked</b>'
    state += ' <b class="off">deleted</b>' if row.deleted else ""
    return f"{escape(values['displayName'])}{state}<br><small>{escape(values['userPrincipalName'])}</small>"


def account_html(world: World, row: Row) -> str:
    user = row.account
    if user is None:
        return '<td class="goto"><small>no account</small></td><td></td><td></td>'
    products = ", ".join(contoso(world).products_of(user)) or ", ".join(user.admin_roles)
    name = f"{escape(user.first_name)} {escape(user.last_name)}<br><small>{escape(user.email)}</small>"
    return (
        f'<td class="goto">{name}</td><td>{escape(products)}</td><td class="{user.status}">{user.status.title()}</td>'
    )


def actions_html(row: Row, search: str) -> str:
    assert row.person is not None
    if row.deleted:
        return form_html(row.person, "restore", "Restore", search)
    values = row.person.properties
    fields = "".join(
        f'<input name="{name}" aria-label="{label}" size="9" value="{escape(values.get(name) or "")}"> '
        for name, label in (("givenName", "First name"), ("surname", "Last name"))
    )
    block = ("block", "Block") if values["accountEnabled"] else ("unblock", "Unblock")
    assign = ("unassign", "Unassign") if row.direct else ("assign", "Assign")
    buttons = " ".join(form_html(row.person, *action, search) for action in (block, assign, ("delete", "Delete")))
    return form_html(row.person, "rename", "Rename", search, fields) + " " + buttons


def form_html(person: DirectoryObject, action: str, label: str, search: str, fields: str = "") -> str:
    address = f"/people/{person.id}/{action}?search={quote(search)}"
    return f'<form method="post" action="{address}">{fields}<button>{label}</button></form>'


@ROUTES.on("POST", "/people/{id}/{action}")
def change_person(world: World, call: Call) -> Response:
    """What an administrator would do in the directory; the page shows when it has arrived in GoTo."""
    person_id, action = call.parameters["id"], call.parameters["action"]
    if action == "restore" and person_id in world.directory.deleted:
        world.directory.restore(person_id)
    else:
        change(world, call, action)
    return RedirectResponse(f"/?search={quote(call.query.get('search', ''))}", 303)


def change(world: World, call: Call, action: str) -> None:
    """Raises ControlError."""
    directory, now = world.directory, world.clock.now()
    person = directory.find_user(call.parameters["id"])
    if person is None:
        raise ControlError(404, "There is no such person.")
    application = goto_meeting(directory)
    if action == "rename":
        names = {name: call.form.get(name, "").strip() or None for name in ("givenName", "surname")}
        directory.change(person, names | {"displayName": " ".join(filter(None, names.values()))})
    elif action in ("block", "unblock"):
        directory.change(person, {"accountEnabled": action == "unblock"})
    elif action == "assign":
        directory.assign(person.id, application.id, application.properties["appRoles"][0]["id"], iso(now))
    elif action == "unassign":
        for assignment in [item for item in directory.assignments_of(person.id) if item.resource == application.id]:
            del directory.assignments[assignment.id]
    elif action == "delete":
        directory.delete(person, now)
    else:
        raise ControlError(404, f"Nobody knows how to {action} a person.")


@ROUTES.on("GET", "/inbox")
def show_inbox(world: World, call: Call) -> Response:
    letters = "".join(letter_html(letter) for letter in reversed(world.state.mailbox.letters))
    content = letters or "<p>No mail has arrived.</p>"
    return HTMLResponse(SHELL.substitute(title="Inbox", top="", content=content))


def letter_html(letter: Letter) -> str:
    facts = escape(f"{iso(letter.time)} · from {letter.sender} to {', '.join(letter.recipients)}")
    text = escape(letter.text)
    return f"<article><h2>{escape(letter.subject)}</h2><small>{facts}</small><pre>{text}</pre></article>"
