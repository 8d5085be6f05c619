"""The portal answers."""


def test_unknown_address_is_not_found(db, client):
    assert client.get("/no-such-page/").status_code == 404
