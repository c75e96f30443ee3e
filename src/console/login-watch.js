/** Leads to the login once the session is over: the board by itself would go on showing what it has, or nothing. */
async function look() {
  const asked = { method: "HEAD", redirect: "manual", cache: "no-store", headers: { accept: "text/html" } };
  const answer = await fetch(location.href, asked).catch(() => undefined);
  if (answer?.type === "opaqueredirect") location.reload();
}

setInterval(look, 15_000);
// Also a page that the browser has kept, and comes back to.
addEventListener("pageshow", look);
