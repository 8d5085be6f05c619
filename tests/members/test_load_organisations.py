"""Loading organisations: the file is followed, and what managers edited is kept."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from members.models import Organisation, OrganisationDomain


@pytest.fixture
def load(tmp_path: Path, capsys, db):
    """Load entries from a file; what the command said."""

    def run(*entries) -> list[str]:
        path = tmp_path / "organisations.json"
        path.write_text(json.dumps({"organisations": entries}), encoding="utf-8")
        capsys.readouterr()
        call_command("load_organisations", str(path))
        return capsys.readouterr().out.splitlines()

    return run


def essex(**fields) -> dict:
    return {
        "name": "Essex Police",
        "kind": "police force",
        "region": "East of England",
        "territorial": True,
        "domains": ["essex.police.uk"],
        **fields,
    }


def domains_of(name: str) -> list[str]:
    return sorted(OrganisationDomain.objects.filter(organisation__name=name).values_list("domain", flat=True))


def test_load_organisations_brings_the_bundled_list(db, capsys):
    call_command("load_organisations")

    assert capsys.readouterr().out == "Organisations: 64 created, 0 updated, 0 unchanged.\n"
    assert Organisation.objects.filter(is_territorial=True).count() == 43
    assert OrganisationDomain.objects.count() == 101
    assert domains_of("HM Prison and Probation Service") == [
        "hmpps.gov.uk",
        "justice.gov.uk",
        "probation.gov.uk",
    ]


def test_load_organisations_again_changes_nothing(load):
    load(essex())

    assert load(essex()) == ["Organisations: 0 created, 0 updated, 1 unchanged."]


def test_load_organisations_follows_the_file(load):
    load(essex())

    report = load(essex(region="East", domains=["essex.pnn.police.uk"]))

    assert report == ["Organisations: 0 created, 1 updated, 0 unchanged."]
    assert Organisation.objects.get().region == "East"
    assert domains_of("Essex Police") == ["essex.pnn.police.uk"]


def test_load_organisations_keeps_what_managers_edited(load):
    load(essex(domains=["essex.police.uk", "essex.pnn.police.uk"]))
    organisation = Organisation.objects.get()
    organisation.name = "Essex Police and Fire"
    organisation.save()
    OrganisationDomain.objects.get(domain="essex.pnn.police.uk").delete()
    OrganisationDomain.objects.create(organisation=organisation, domain="essex-fire.example")

    load(essex(region="East", domains=["essex.police.uk", "essex.pnn.police.uk", "essex.new.example"]))

    organisation.refresh_from_db()
    assert (organisation.name, organisation.region) == ("Essex Police and Fire", "East")
    assert domains_of("Essex Police and Fire") == [
        "essex-fire.example",
        "essex.new.example",
        "essex.police.uk",
    ]


def test_load_organisations_adopts_one_that_managers_made(load):
    made = Organisation.objects.create(name="Essex Police", kind="police force", region="Our region")

    load(essex())

    made.refresh_from_db()
    assert (Organisation.objects.count(), made.region) == (1, "Our region")
    assert domains_of("Essex Police") == ["essex.police.uk"]


def test_load_organisations_takes_no_domain_away_from_another(load):
    kent = Organisation.objects.create(name="Kent Police", kind="police force")
    OrganisationDomain.objects.create(organisation=kent, domain="essex.police.uk")

    report = load(essex())

    assert report[0] == "Kept: essex.police.uk stays with Kent Police, not Essex Police"
    assert domains_of("Kent Police") == ["essex.police.uk"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (essex(kind="club"), "The kind of Essex Police has to be one of: police force, probation"),
        (essex(name=""), "Organisation 1 has no name"),
        (essex(domains=["not a domain"]), "not a domain of Essex Police: Enter the part"),
        (essex(domains=["gmail.com"]), "gmail.com of Essex Police: Anyone can have an address"),
    ],
)
def test_load_organisations_refuses_a_file_with_a_mistake(load, entry, message):
    with pytest.raises(CommandError, match=f"{message}.*Nothing was loaded"):
        load(entry)

    assert Organisation.objects.count() == 0


@pytest.mark.parametrize("text", ["", "[]", '{"organisations": 1}', '{"organisations": ["Essex"]}', "{"])
def test_load_organisations_refuses_what_is_no_such_file(tmp_path, db, text):
    path = tmp_path / "organisations.json"
    path.write_text(text)

    with pytest.raises(CommandError, match="is not JSON of the form"):
        call_command("load_organisations", str(path))


def test_load_organisations_names_a_file_that_is_not_there(tmp_path, db):
    with pytest.raises(CommandError, match=r"none\.json cannot be read: No such file"):
        call_command("load_organisations", str(tmp_path / "none.json"))
