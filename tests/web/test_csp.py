from django.http import HttpResponse

from opsconsole.web.csp import ContentSecurityPolicy


def test_every_answer_forbids_what_is_inline_or_foreign(rf):
    response = ContentSecurityPolicy(lambda request: HttpResponse())(rf.get("/"))

    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
