"""The public site before anything is published."""


def test_a_site_on_which_nothing_is_published_says_so_on_every_page(read):
    assert "No accounts are public yet." in read("/")
    for path in ("/programs/", "/reports/", "/findings/"):
        assert "Nothing here yet." in read(path)
    assert "How these figures are made" in read("/about/")
