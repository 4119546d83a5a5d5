from tests.factories import ledger as make


def test_walk():
    c = make.make_commitment(amount="500.00")
    d = make.make_disbursement(c, "500.00")
    r = make.make_reversal(d)
    r2 = make.make_reversal(c)
    assert r.amount.minor == -50000, r2
