"""The page to sign in on, which a stranger sees in place of every other."""

from qa.app.html.document import TAGLINE, document

_SCRIPT = """
const form = document.querySelector("form");
const button = form.querySelector("button");
const said = form.querySelector("[role=alert]");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  button.textContent = "Signing in…";
  said.textContent = "";
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (answer?.ok) {
    await answer.text();
    return location.reload();
  }
  const told = answer?.status === 429 ? (await answer.json().catch(() => null))?.detail : "";
  const wrong = answer?.status === 400;
  said.textContent =
    told || (wrong ? "Name and password do not match." : "The app did not answer. Try again.");
  button.disabled = false;
  button.textContent = "Sign in";
  form.password.value = "";
  form.password.focus();
});
"""


def signin_page(route: str) -> str:
    """The page as it stands at `route`, the path within the app."""
    action = "../login" if route.endswith("/") and route != "/" else "login"
    name = 'name="username" autocomplete="username" autocapitalize="none" spellcheck="false" autofocus'
    second = 'name="password" type="password" autocomplete="current-password"'
    return document(
        "Sign in · Whosays",
        f'<main class="signin"><h1>Whosays</h1><p class="tagline">{TAGLINE}</p>'
        f'<form method="post" action="{action}">'
        f"<label>Name<input {name} required></label><label>Password<input {second} required></label>"
        '<p class="failure" role="alert"></p>'
        '<button type="submit">Sign in</button></form></main>',
        script=_SCRIPT,
    )
