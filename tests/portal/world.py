"""A plausible company for looking at pages: rows as the engine writes them, of every state that a page can show."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils.timezone import now

from portal import schemas
from provisioning import gallery
from provisioning.actions import mappings
from provisioning.models import (
    Account,
    Application,
    AppRole,
    Assignment,
    AuditEntry,
    Change,
    Credential,
    Cycle,
    DirectoryObject,
    Feed,
    Heartbeat,
    Job,
    Link,
    Membership,
    Question,
    Tenant,
)
from provisioning.models.application import DEFAULT_ACCESS

NAMES = """Noor van den Berg|Amélie Dubois|Jan-Willem ten Have|Łukasz Wójcik|王小龙|Priya Raghunathan|Ingrid Sørensen
Tomás Ó Briain|Fatima el Amrani|Björn Åkesson|Sofia Papadopoulou|Mehmet Yılmaz|Berend Kuipers|Chiara Esposito
Đặng Thị Hương|Olena Kovalenko|Kwame Mensah|Aiko Tanaka|João da Silva|Zoë de Graaf|محمد الفاسي|Elif Şahin""".replace(
    "\n", "|"
).split("|")

PASSWORD = "correct horse battery"

CHECKS = [
    {"name": name, "status": status, "message": message, "code": ""}
    for name, status, message in (
        ("Credentials are complete", "passed", "User name and password are entered."),
        ("GoTo sign-in can be reached", "passed", "GoTo sign-in answers."),
        ("Team management permission", "passed", "The administrator is a super user."),
        ("GoToMeeting licence", "warning", "All GoToMeeting seats are in use: nobody can be added."),
    )
]
FAILING = {0: "LicenseLimitExceeded", 5: "LicenseLimitExceeded", 7: "MandatoryFieldsMissing", 9: "EntryConflict"}
"""Number of a person → why they fail."""


def guid(number: int) -> str:
    return str(uuid.UUID(int=0xC0DE0000_0000_4000_8000_000000000000 + number))


class World:
    """Everything hangs on `contoso` and `gotomeeting`; methods add what a page is to show."""

    def __init__(self, people: int = len(NAMES), at: datetime | None = None) -> None:
        self.at = at or now()
        self.contoso = Tenant.objects.create(name="Contoso", tenant_id=guid(1), client_id=guid(2), reading_number=5)
        Credential.objects.create(tenant=self.contoso, test=Credential.Test.PASSED, tested_at=self.at)
        self.people = [self._person(number) for number in range(people)]
        self.sales = self._group(900, "Sales NL", self.people[:8])
        self.gotomeeting = self.application("GoToMeeting", service_principal=guid(3))
        self.job = self.gotomeeting.job
        self.organizer = self.gotomeeting.roles.get(value="organizer")

    # --- the company ------------------------------------------------------------------------------------------

    def _person(self, number: int) -> DirectoryObject:
        name = NAMES[number % len(NAMES)]
        upn = f"person{number}@contoso.com"
        return DirectoryObject.objects.create(
            tenant=self.contoso,
            object_id=guid(1000 + number),
            kind=DirectoryObject.Kind.USER,
            display_name=name,
            user_principal_name=upn,
            mail=upn,
            attributes={"displayName": name, "userPrincipalName": upn, "department": "Sales" if number % 2 else "IT"},
            reading=1,
        )

    def _group(self, number: int, name: str, members: list[DirectoryObject]) -> DirectoryObject:
        group = DirectoryObject.objects.create(
            tenant=self.contoso, object_id=guid(number), kind=DirectoryObject.Kind.GROUP, display_name=name, reading=1
        )
        Membership.objects.bulk_create(
            Membership(tenant=self.contoso, group_id=group.object_id, member_id=member.object_id, reading=1)
            for member in members
        )
        return group

    def application(self, name: str, service_principal: str = "") -> Application:
        template = gallery.template("gotomeeting")
        application = Application.objects.create(
            tenant=self.contoso,
            template_id="gotomeeting",
            connector="goto_admin",
            display_name=name,
            service_principal_id=service_principal,
            app_id=guid(4) if service_principal else "",
        )
        for number, role in enumerate(template["rollcall"]["roles"]):
            AppRole.objects.create(
                application=application,
                role_id=guid(50 + number),
                value=role["value"],
                display_name=role["displayName"],
                enabled=role["enabled"],
                products=role["products"],
                admin_roles=role["adminRoles"],
            )
        job_id = f"gotomeeting.{self.contoso.tenant_id.replace('-', '')}.{service_principal or application.pk}"
        Job.objects.create(application=application, job_id=job_id, schema=template["schema"])
        return application

    # --- who may sign in --------------------------------------------------------------------------------------

    @staticmethod
    def user(name: str, group: str | None) -> User:
        user = User.objects.create_user(name, f"{name}@contoso.com", PASSWORD, first_name="Sanne", last_name="de Vries")
        if group:
            user.groups.add(Group.objects.get_or_create(name=group)[0])
        return user

    # --- what has happened ------------------------------------------------------------------------------------

    def configure(self) -> None:
        Credential.objects.create(
            application=self.gotomeeting,
            values={"auth_mode": "password", "username": "provisioning@contoso.com"},
            test=Credential.Test.PASSED,
            tested_at=self.at - timedelta(minutes=2),
            secrets_changed_at=self.at - timedelta(days=40),
            checks=CHECKS,
        )
        self.assign(self.sales.object_id, "group", "Sales NL")
        for person in self.people[8:12]:
            self.assign(person.object_id, "user", person.display_name)
        self.assign(self.people[12].object_id, "user", self.people[12].display_name, DEFAULT_ACCESS)
        self.gotomeeting.licences = [
            {"key": "11", "name": "GoToMeeting Pro", "products": ["G2M"], "seats": 850, "used": 850, "enabled": True},
            {"key": "12", "name": "", "products": ["G2W"], "seats": 50, "used": 12, "enabled": True},
        ]
        self.gotomeeting.licences_read_at = self.at - timedelta(minutes=3)
        self.gotomeeting.save()

    def assign(self, principal: str, kind: str, name: str, role: str = "") -> Assignment:
        return Assignment.objects.create(
            application=self.gotomeeting,
            assignment_id=str(uuid.uuid4()),
            principal_id=principal,
            principal_kind=kind,
            principal_name=name,
            role_id=role or self.organizer.role_id,
            reading=2,
        )

    def switch_on(self) -> None:
        self.job.enabled = True
        self.job.watermark = 5
        self.job.next_run_at = self.at + timedelta(minutes=36)
        self.job.save()

    def cycle(self, began: timedelta, *, ended: timedelta | None = None, **fields: Any) -> Cycle:
        cycle = Cycle.objects.create(
            job=self.job,
            kind=fields.pop("kind", Cycle.Kind.INCREMENTAL),
            requested_at=self.at - began,
            began_at=self.at - began,
            ended_at=self.at - ended if ended is not None else None,
            **fields,
        )
        return cycle

    def history(self) -> Cycle:
        """A day of changes, some of which failed; links as they stand after it."""
        last = self.cycle(
            timedelta(minutes=44),
            ended=timedelta(minutes=42),
            stage=Cycle.Stage.SETTLING,
            state=Cycle.State.ENTRY_ERRORS,
            counts={
                "create": 30,
                "update": 9,
                "create:success": 25,
                "update:success": 9,
                "create:failure": 5,
                "skipped": 3,
            },
        )
        self.cycle(
            timedelta(hours=30),
            ended=timedelta(hours=29),
            kind=Cycle.Kind.INITIAL,
            state=Cycle.State.SUCCEEDED,
            stage=Cycle.Stage.SETTLING,
            counts={"create": 840, "create:success": 840},
        )
        for number, person in enumerate(self.people):
            self._ended(number, person, last)
        for hour in range(1, 23):
            for number in range((hour * 7) % 5 + 1):
                self.change(
                    self.people[(hour + number) % len(self.people)],
                    action=("create", "update", "update", "disable")[(hour + number) % 4],
                    status="failure" if (hour * number) % 11 == 5 else "success",
                    ago=timedelta(hours=hour, minutes=number * 7),
                )
        return last

    def _ended(self, number: int, person: DirectoryObject, cycle: Cycle) -> None:
        failed = FAILING.get(number)
        skipped = number in (12, 13)
        account = None
        if not failed and not skipped:
            key, name = str(9_000_000_000_000_000_000 + number), person.user_principal_name
            account = Account.objects.create(application=self.gotomeeting, key=key, user_name=name)
        Link.objects.create(
            job=self.job,
            subject=person,
            account=account,
            provisioned_at=self.at - timedelta(days=3) if account else None,
            failed_at=self.at - timedelta(hours=5) if failed else None,
            failure_code=failed or "",
            failure=f"It failed: {failed}." if failed else "",
            failure_count=3 if failed else 0,
            retry_at=self.at + timedelta(minutes=36) if failed else None,
        )
        self.change(
            person,
            action="other" if skipped else ("create", "update", "disable")[number % 3] if not failed else "create",
            status="skipped" if skipped else "failure" if failed else "success",
            code="NotEffectivelyEntitled" if skipped else failed or "",
            ago=timedelta(minutes=42, seconds=number),
            cycle=cycle,
            account=account,
        )

    def change(
        self,
        person: DirectoryObject,
        *,
        action: str,
        status: str,
        ago: timedelta = timedelta(0),
        code: str = "",
        cycle: Cycle | None = None,
        account: Account | None = None,
    ) -> Change:
        failed = status == "failure"
        settled = status not in ("planned", "staged", "in_flight")
        request = {"method": "POST", "path": "/users", "status": 403 if failed else 200, "milliseconds": 340}
        return Change.objects.create(
            job=self.job,
            cycle=cycle,
            subject=person,
            account=account,
            action=action,
            status=status,
            identity=f"{person.display_name} <{person.user_principal_name}>",
            error_code=code or ("EntryConflict" if failed else ""),
            reason="GoTo answered 403: NoSeatsAvailable." if failed else "",
            facts={
                "objectId": person.object_id,
                "via": ["Sales NL"],
                "roles": ["organizer"],
                "scoping": {"Active in the source system": "True", "Assigned to the application": "True"},
                "reason": code if status == "skipped" else "",
                "matching": {"attribute": "userName", "value": person.user_principal_name},
                **({"account": account.key} if account else {}),
                **({"export": request} if action != "other" else {}),
            },
            modified=[
                {"name": "userName", "old": None, "new": person.user_principal_name},
                {"name": "name.familyName", "old": "Berg", "new": "van den Berg"},
                {"name": "licenseKeys", "old": [], "new": ["11"]},
            ]
            if action != "other"
            else [],
            planned_at=self.at - ago - timedelta(seconds=30),
            sent_at=self.at - ago if settled else None,
            settled_at=self.at - ago if settled else None,
        )

    def read(self) -> None:
        """Both mirrors as cycles leave them: whoever has an account holds there what the mapping wants."""
        names = ["accountEnabled", "department", "displayName", "givenName", "mail", "preferredLanguage", "surname"]
        Feed.objects.create(
            tenant=self.contoso,
            kind=Feed.Kind.USERS,
            read_select=[*names, "userPrincipalName", "userType"],
            began_at=self.at - timedelta(minutes=4),
        )
        for person in self.people:
            given, _, surname = person.display_name.partition(" ")
            person.attributes |= {"givenName": given, "surname": surname or given, "preferredLanguage": "nl-NL"}
            person.save()
        for link in Link.objects.filter(job=self.job, account__isnull=False).select_related("account", "subject"):
            assert link.account is not None, "filtered by account"
            link.account.attributes = {
                "userName": link.subject.user_principal_name,
                "name.givenName": link.subject.attributes["givenName"],
                "name.familyName": link.subject.attributes["surname"],
                "locale": "nl_NL",
                "licenseKeys": ["11"],
                "adminRoles": [],
            }
            link.account.save()

    def proposed(self, expression: str = 'Append([surname], "-it")') -> None:
        """Somebody has typed another expression for the family name, and is shown who is touched."""
        self.read()
        target = "name.familyName"
        row = {"targetAttributeName": target, "source": schemas.source_of(schemas.EXPRESSION, expression)}
        self._propose(schemas.with_attribute(self.job.schema, target, row), "attribute", target)

    def proposed_removals(self) -> None:
        """Somebody has typed a filter through which hardly anybody passes."""
        self.read()
        self.job.scope, self.job.deletion_threshold = Job.Scope.ALL, 5
        self.job.save()
        clauses = [schemas.clause_of("displayName", "EQUALS", NAMES[1])]
        schema = schemas.with_filter(self.job.schema, None, {"name": "Board", "clauses": clauses})
        self._propose(schema, "filter", "Board")

    def _propose(self, schema: dict[str, Any], saving: str, name: str) -> None:
        mappings.propose(self.job, schema, by=None, saving=saving, name=name, address="/", fields=[["title", name]])

    def running(self) -> Cycle:
        return self.cycle(
            timedelta(minutes=2),
            kind=Cycle.Kind.INITIAL,
            stage=Cycle.Stage.EXPORT,
            counts={
                "decided": 2000, "people": 2000, "create": 1500, "update": 350, "disable": 20, "skipped": 119,
                "create:success": 840, "update:success": 301, "disable:success": 12, "create:failure": 12,
            },
        )  # fmt: skip

    def held_removals(self, count: int) -> None:
        self.job.quarantine_reason = self.job.quarantine_code = "TooManyDeletes"
        self.job.quarantine_error = f"{count} people would be disabled."
        self.job.quarantine_began_at = self.at - timedelta(hours=1)
        self.job.deletion_threshold = count - 1
        self.job.save()
        for person in self.people[:count]:
            self.change(person, action="disable", status="staged")

    def quarantine(self) -> None:
        self.job.quarantine_reason, self.job.quarantine_code = "EncounteredQuarantineException", "InvalidCredentials"
        self.job.quarantine_error = "GoTo does not accept the password of provisioning@contoso.com."
        self.job.quarantine_began_at = self.at - timedelta(hours=3)
        self.job.quarantine_count = 2
        self.job.save()
        AuditEntry.record(
            None, "Quarantine", application=self.gotomeeting,
            changes=[{"name": "EncounteredQuarantineException", "old": "", "new": self.job.quarantine_error}],
        )  # fmt: skip

    def previewed(self) -> Question:
        """A preview that a worker has answered."""
        people = [{"id": person.pk, "name": str(person), "reason": ""} for person in self.people]
        failing = [{"id": self.people[7].pk, "name": str(self.people[7]), "reason": "MandatoryFieldsMissing"}]
        answer = {
            "counts": {"create": 12, "takeover": 3, "disable": 2, "fail": 1, "unchanged": 4},
            "people": {"create": people[:12], "takeover": people[12:15], "disable": people[15:17], "fail": failing},
            "mailed": 12,
            "seats": [{"name": "GoToMeeting Pro", "needed": 12, "free": 5}],
            "held": False,
            "schema_version": self.job.schema_version,
        }
        return self.question(Question.Kind.PREVIEW, answer=answer)

    def provisioned_on_demand(self, status: str = "failure") -> Question:
        """The first person, whom a worker has just tried to write to."""
        account = Account.objects.filter(application=self.gotomeeting).first()
        change = self.change(self.people[0], action="update", status=status, account=account)
        answer = {"change": change.pk}
        return self.question(Question.Kind.ON_DEMAND, answer=answer, arguments={"objectId": self.people[0].object_id})

    def idle_seats(self) -> None:
        """Invitations that wait, and one that was declined; each holds a licence."""
        for number, status in enumerate(["INVITED", "INVITED", "SUSPENDED"]):
            address = f"invited{number}@contoso.com"
            attributes = {"userName": address, "status": status, "licenseKeys": ["11"]}
            Account.objects.create(application=self.gotomeeting, key=address, user_name=address, attributes=attributes)

    def question(self, kind: str, *, answer: Any = None, **fields: Any) -> Question:
        """Answered, unless `answer` is left out."""
        return Question.objects.create(
            kind=kind,
            tenant=self.contoso,
            application=self.gotomeeting,
            asked_by="admin",
            answer=answer,
            answered_at=self.at if answer is not None else None,
            **fields,
        )

    def alive(self) -> None:
        for name in Heartbeat.Name.values:
            Heartbeat.give(name, now())
