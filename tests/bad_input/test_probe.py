import time
from bad_input.files import *
def test_a(bring):
    t=time.time()
    o=bring(UNDERWRITING, NAMES[UNDERWRITING], csv_of(underwriting(40)))
    print(time.time()-t, o.record.outcome, o.held, o.record.reasons, [r.rule for r in o.record.rules if not r.success])
    t=time.time()
    o=bring(CLAIMS, NAMES[CLAIMS], csv_of(claims(40)))
    print(time.time()-t, o.record.outcome, o.held, o.record.reasons, [r.rule for r in o.record.rules if not r.success])
    t=time.time()
    o=bring(CENTRE, NAMES[CENTRE], json_lines(*(centre(i) for i in range(1,6))))
    print(time.time()-t, o.record.outcome, o.held, o.record.reasons, [r.rule for r in o.record.rules if not r.success])
    t=time.time()
    o=bring(CEILING, NAMES[CEILING], ceiling())
    print(time.time()-t, o.record.outcome, o.held, o.record.reasons, [r.rule for r in o.record.rules if not r.success])
    t=time.time()
    o=bring(CEILING, NAMES[CEILING], b"")
    print(time.time()-t, o.reason)
