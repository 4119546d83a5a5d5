from tests.factories.publishing import publish
def test_x():
    r=publish()
    print(r)
