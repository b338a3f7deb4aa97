"use strict";
/* What every page stands on: its words, calls that prove where they come from, a toast. */
const guard = (() => {
  const meta = name => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
  const words = {};
  for (const item of document.querySelectorAll("[data-word]")) words[item.dataset.word] = item.textContent;

  /** A sentence of the catalogue, its blanks filled. */
  const word = (key, blanks = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (blank, name) => blanks[name] ?? blank);

  /** Status and JSON of a call; status 0 when the server could not be reached in time. */
  async function api(method, path, body, { key, timeout = 8000, keepalive = false } = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeout);
    const headers = { "x-csrf-token": meta("csrf-token") };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (key) headers["idempotency-key"] = key;
    try {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const answer = await fetch(path, { method, headers, body: text, keepalive, signal: stop.signal });
      const read = await answer.text();
      if (answer.status === 401) document.dispatchEvent(new Event("guard:signed-out"));
      return { status: answer.status, body: read ? JSON.parse(read) : null };
    } catch (_) {
      return { status: 0, body: null };
    } finally {
      clearTimeout(timer);
    }
  }

  /** An element with its attributes and children; text is always text, never markup. */
  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter(child => child !== undefined && child !== null && child !== ""));
    return element;
  }

  const SVG = "http://www.w3.org/2000/svg";
  /** One of the shapes of icons.html. */
  function icon(name) {
    const picture = document.createElementNS(SVG, "svg");
    const use = document.createElementNS(SVG, "use");
    picture.setAttribute("class", "icon");
    picture.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#icon-${name}`);
    picture.append(use);
    return picture;
  }

  let gone;
  /** Words that go away by themselves; `action` is [words, what to do]. */
  function toast(text, action) {
    document.querySelector(".toast")?.remove();
    clearTimeout(gone);
    const box = make("div", { class: "toast", role: "status", "data-testid": "toast" }, make("p", {}, text));
    const close = () => box.remove();
    if (action) {
      const act = () => { close(); action[1](); };
      box.append(make("button", { type: "button", "data-testid": "toast-action", onclick: act }, action[0]));
    }
    document.body.append(box);
    gone = setTimeout(close, 5000);
  }

  return { api, icon, make, meta, toast, word };
})();
