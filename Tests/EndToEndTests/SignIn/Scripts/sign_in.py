"""Signs a user in at an OpenID provider by the authorization code flow, as a browser and a backend do it together.

sign_in.py ISSUER CLIENT SUBJECT [NONCE]: prints the key set's address and the ID token.
"""
import base64
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

issuer, client, subject = sys.argv[1:4]
nonce = sys.argv[4:]
callback = "http://localhost/callback"


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def post(address, fields, headers={}):
    body = urllib.parse.urlencode(fields).encode()
    return urllib.request.Request(address, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})


with urllib.request.urlopen(issuer + "/.well-known/openid-configuration") as answer:
    provider = json.load(answer)
query = {
    "response_type": "code", "client_id": client, "redirect_uri": callback, "scope": "openid email", "state": "s",
    **({"nonce": nonce[0]} if nonce else {}),
}
try:
    urllib.request.build_opener(Stay).open(
        post(provider["authorization_endpoint"] + "?" + urllib.parse.urlencode(query), {"sub": subject}))
    sys.exit("the provider did not send the browser back")
except urllib.error.HTTPError as back:
    code = urllib.parse.parse_qs(urllib.parse.urlparse(back.headers["Location"]).query)["code"][0]
secret = base64.b64encode(f"{client}:secret".encode()).decode()
with urllib.request.urlopen(post(
        provider["token_endpoint"], {"grant_type": "authorization_code", "code": code, "redirect_uri": callback},
        {"Authorization": "Basic " + secret})) as answer:
    tokens = json.load(answer)
print(provider["jwks_uri"])
print(tokens["id_token"])
