"use strict";
/* A customer's page: forms are posted to the API and the page is shown anew; nothing else happens here. */
(() => {
  const { api, make, word } = guard;
  const page = document.querySelector("main.contact");
  const lang = document.documentElement.lang.startsWith("en") ? "en" : "zh";
  const base = `/v1/contacts/${encodeURIComponent(page.dataset.contact)}/`;

  /** What a field of date and time says is Beijing's, wherever the browser stands. */
  const instant = value => `${value}:00+08:00`;
  const listed = text => text.split(/[,,、]/).map(one => one.trim()).filter(Boolean);

  function slot(row) {
    const part = name => row.querySelector(`[data-part=${name}]`).value.trim();
    const type = part("type");
    const value = { text: { text: part("value") }, number: { number: part("value") }, date: { date: part("value") },
      choice: { chosen: part("value"), options: listed(part("options")) } }[type];
    return { name: part("name"), value: { type, ...value } };
  }

  function body(form) {
    const said = {};
    if ("seen" in form.dataset) said.revision = Number(page.dataset.revision);
    if (form.dataset.post === "exemption") said.user = page.dataset.rep;
    const slots = [...form.querySelectorAll(".slot")];
    if (slots.length) said.tags = slots.map(slot).filter(one => one.name);
    for (const field of form.elements) {
      const value = field.value?.trim();
      if (!field.name || !value || (field.type === "checkbox" && !field.checked)) continue;
      if (field.name === "core_need") said.core_need = [...(said.core_need ?? []), ...listed(value)];
      else said[field.name] = field.type === "datetime-local" ? instant(value) : value;
    }
    // The time that was suggested belongs to the way that was suggested.
    const touch = form.elements.first_touch;
    if (touch && [...touch.options].find(option => option.defaultSelected)?.value !== said.first_touch) delete said.first_touch_at;
    if (!said.first_touch) delete said.first_touch_at;
    return said;
  }

  /** Scripts for the need that was chosen: a tap puts one into the note. */
  function offer(scripts) {
    const list = document.querySelector("[data-testid=scripts]");
    const note = document.querySelector("[data-testid=note]");
    const insert = script => () => {
      note.setRangeText(script.text, note.selectionStart, note.selectionEnd, "end");
      note.form.elements.script.value = script.id;
      note.focus();
    };
    list.replaceChildren(...scripts.map(script => make("li", {},
      make("button", { type: "button", class: "reply", "data-testid": "script", onclick: insert(script) }, script.text))));
  }

  const keys = new WeakMap();
  async function post(event) {
    event.preventDefault();
    const form = event.target;
    const [button, told] = [form.querySelector("button:not([type=button])"), form.querySelector(".told")];
    if (button.disabled) return;
    button.disabled = true;
    told.textContent = "";
    const said = body(form);
    const text = JSON.stringify(said);
    // The same words again are the same request, so that a lost answer leaves no second entry.
    if (keys.get(form)?.text !== text) keys.set(form, { text, key: crypto.randomUUID() });
    const answer = await api("POST", base + form.dataset.post, said, { key: keys.get(form).key });
    button.disabled = false;
    if (answer.status === 200 || answer.status === 201) done(answer.body);
    else told.textContent = answer.status === 401 ? word("SessionOver") : answer.body?.[lang] ?? word("ServerAway");
  }

  /** A file goes as a form; everything about the answer is the same. */
  async function upload(event) {
    event.preventDefault();
    const form = event.target;
    const [button, told] = [form.querySelector("button"), form.querySelector(".told")];
    if (button.disabled) return;
    button.disabled = true;
    told.textContent = "";
    const headers = { "x-csrf-token": guard.meta("csrf-token") };
    const answer = await fetch(`${base}files`, { method: "POST", headers, body: new FormData(form) }).catch(() => null);
    button.disabled = false;
    if (answer?.ok) return location.reload();
    const said = await answer?.json().catch(() => null);
    told.textContent = answer?.status === 401 ? word("SessionOver") : said?.[lang] ?? word("ServerAway");
  }

  function done(written) {
    if (written.suggestions?.length) sessionStorage.setItem("scripts", JSON.stringify(written.suggestions));
    location.reload();
  }

  /** 「明早9点」, counted by Beijing's clock. */
  function quick(event) {
    const chip = event.target.closest("[data-hour]");
    if (!chip) return;
    const day = new Date(Date.now() + 8 * 3600e3);
    day.setUTCDate(day.getUTCDate() + ("monday" in chip.dataset ? (8 - day.getUTCDay()) % 7 || 7 : Number(chip.dataset.days)));
    const field = chip.form.elements[chip.parentElement.dataset.for];
    field.value = `${day.toISOString().slice(0, 10)}T${chip.dataset.hour.padStart(2, "0")}:00`;
  }

  for (const form of document.querySelectorAll("form[data-post]")) form.addEventListener("submit", post);
  document.querySelector("form[data-upload]")?.addEventListener("submit", upload);
  page.addEventListener("click", quick);
  const kept = sessionStorage.getItem("scripts");
  sessionStorage.removeItem("scripts");
  if (kept && document.querySelector("[data-testid=scripts]")) offer(JSON.parse(kept));
})();
