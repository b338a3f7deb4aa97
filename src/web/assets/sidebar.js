"use strict";
/* The page beside a chat. It is usable before WeCom's client answers and without it: writing and
   checking need our server alone. Whatever is not sure is not sent. */
(() => {
  const { api, icon, make, toast, word } = guard;
  const page = document.body.dataset;
  const find = id => document.querySelector(`[data-testid="${id}"]`);
  const draft = find("draft"), mirror = document.querySelector(".mirror"), send = find("send");
  const sends = new Set(["single_chat_tools", "group_chat_tools", "chat_attachment", "single_kf_tools"]);

  const PAUSE = 250, LOOK = 3000, CLIENT = 5000, ARM = 1000, KEEP = 800;
  /* The client gives no figure for a text; this is the one it gives for its neighbour. */
  const LIMIT = 4000;

  /** Where we are: the entry, the customer, what was last seen of the text. */
  const here = { entry: "", recipient: null, channel: "sidebar", ready: false };
  let seen = null;      // the answer to the last check while typing, and the text it is about
  let number = 0;       // of the last such check: older answers are dropped
  let timer, keeper, composing = false, busy = false, skip = 0, kept = "", tab = "write";

  /* ---- the text and its marks ---- */

  const worst = hit => ({ block: 2, confirm: 1 })[hit.action] ?? 0;
  const shape = hit => ({ block: "block", confirm: "confirm" })[hit.action] ?? "log";
  const asks = hit => worst(hit) > 0;

  /** Hits that still stand where they were found, in the order of the text. */
  function standing(text) {
    if (!seen) return [];
    const same = hit => {
      const [from, to] = hit.span.utf16;
      return text.slice(from, to) === seen.text.slice(from, to);
    };
    return seen.hits.filter(hit => asks(hit) && same(hit)).sort((a, b) => a.span.utf16[0] - b.span.utf16[0]);
  }

  function mark() {
    const text = draft.value;
    const parts = [];
    let at = 0;
    for (const hit of standing(text)) {
      const [from, to] = hit.span.utf16;
      if (from < at) continue;
      parts.push(text.slice(at, from), make("mark", { class: hit.action, title: hit.name }, text.slice(from, to)));
      at = to;
    }
    // The copy is as tall as the text, also when that ends in an empty line.
    mirror.replaceChildren(...parts, text.slice(at) + "\n");
  }

  function count() {
    const length = [...draft.value].length, over = length - LIMIT, box = find("counter");
    box.hidden = length <= LIMIT * 0.8;
    box.classList.toggle("over", over > 0);
    box.textContent = over > 0 ? word("TooLong", { count: over }) : word("Length", { count: length, limit: LIMIT });
    return over <= 0;
  }

  function jump(hit) {
    draft.focus();
    draft.setSelectionRange(...hit.span.utf16);
    draft.scrollIntoView({ block: "center" });
  }

  const basis = hit => hit.basis.map(one => one.title).join("、");

  function row(hit) {
    const kind = asks(hit) ? hit.action : "tip";
    const title = { block: "BlockRow", confirm: "ConfirmRow" }[hit.action];
    const said = title ? word(title, { phrase: hit.matched }) : word("TipRow", { phrase: hit.matched, why: hit.why });
    const because = title ? [hit.why, basis(hit)].filter(Boolean).join(" · ") : basis(hit);
    const show = make("button", { type: "button", class: `hit ${kind}`, "data-testid": "hit", onclick: () => jump(hit) },
      icon(shape(hit)), make("span", {}, said), icon("more"), because && make("small", {}, because));
    return make("li", {}, show);
  }

  /* ---- checking while typing ---- */

  function typed(pause = PAUSE) {
    mark();
    count();
    label();
    clearTimeout(timer);
    if (!composing) timer = setTimeout(look, pause);
    clearTimeout(keeper);
    keeper = setTimeout(keep, KEEP);
  }

  async function look() {
    const text = draft.value, mine = ++number, list = find("hits");
    list.removeAttribute("aria-busy");
    if (!text.trim()) return show(null);
    list.setAttribute("aria-busy", "true");
    const answer = await api("POST", "/v1/checks", wanted(text, true), { timeout: LOOK });
    if (mine !== number) return;
    list.removeAttribute("aria-busy");
    if (answer.status !== 200) return unchecked(answer);
    away(false);
    show({ text, ...answer.body });
  }

  const wanted = (text, live) => ({ recipient: here.recipient, channel: here.channel, text, live });

  function unchecked(answer) {
    show(null);
    if (answer.status === 0 || answer.status >= 500) away(true);
  }

  function show(answer) {
    const before = seen;
    seen = answer;
    mark();
    verdict();
    label();
    const hits = answer ? [...answer.hits].sort((a, b) => worst(b) - worst(a)) : [];
    const told = hits.filter(hit => hit.action !== "log");
    const rows = told.slice(0, 3).map(row);
    if (told.length > 3) rows.push(more(told.slice(3)));
    find("hits").replaceChildren(...rows);
    skip = 0;
    if (answer && (!before || before.text !== answer.text)) offer(answer.suggestions);
  }

  function more(rest) {
    const open = event => event.target.closest("li").replaceWith(...rest.map(row));
    const text = word("MoreHits", { count: rest.length });
    return make("li", {}, make("button", { type: "button", class: "text-button", onclick: open }, text));
  }

  function verdict() {
    const line = find("verdict");
    const tips = seen?.hits.some(hit => hit.action === "tip");
    if (!seen || seen.verdict !== "pass") return line.replaceChildren();
    line.replaceChildren(make("span", { class: "ok" }, icon("pass")), word(tips ? "CheckPassTips" : "CheckPass"));
  }

  /* ---- replies to tap ---- */

  function offer(replies) {
    const list = find("replies");
    find("more-replies").hidden = !replies.length;
    if (!replies.length) return list.replaceChildren(make("li", { class: "notice" }, word("NoSuggestion")));
    list.replaceChildren(...replies.map((reply, index) => make("li", {}, make("button", {
      type: "button", class: "reply", "data-testid": "reply", "data-number": index + 1, onclick: () => insert(reply.text),
    }, make("span", {}, reply.text)))));
  }

  /** Puts words at the selection, or behind what is there. */
  function insert(text) {
    const { value, selectionStart: from, selectionEnd: to } = draft;
    const between = from === to ? [value && !value.endsWith("\n") ? `${value}\n` : value, ""] : [value.slice(0, from), value.slice(to)];
    replace(between[0] + text + between[1], value);
    draft.focus();
    draft.setSelectionRange(between[0].length + text.length, between[0].length + text.length);
  }

  function replace(text, before) {
    draft.value = text;
    typed(0);
    toast(word("Inserted"), [word("Undo"), () => { draft.value = before; typed(0); }]);
  }

  async function others() {
    const text = draft.value.trim();
    const page = async from => {
      const query = new URLSearchParams({ skip: from });
      if (text) query.set("text", text);
      return (await api("GET", `/v1/replies?${query}`)).body?.items ?? [];
    };
    skip += 3;
    let items = await page(skip);
    // Behind the last comes the first again.
    if (!items.length) items = await page(skip = 0);
    offer(items);
  }

  /* ---- the draft, kept on the server ---- */

  const place = () => `/v1/drafts/${encodeURIComponent(here.recipient?.id ?? "none")}`;

  async function keep(options) {
    clearTimeout(keeper);
    if (draft.value === kept || !here.ready) return;
    kept = draft.value;
    const done = await api("PUT", place(), { text: kept }, options);
    if (done.status !== 204) kept = null;
  }

  async function fetchDraft() {
    const answer = await api("GET", place());
    if (answer.status !== 200) return;
    kept = answer.body.text;
    if (draft.value || !kept) return;
    draft.value = kept;
    typed(0);
  }

  /* ---- banners ---- */

  const banners = document.getElementById("banner");
  /** One banner of each kind; without text it goes away. */
  function banner(kind, text, bad, action) {
    banners.querySelector(`[data-kind="${kind}"]`)?.remove();
    if (!text) return;
    const box = make("p", { class: bad ? "banner bad" : "banner", "data-kind": kind, "data-testid": `banner-${kind}` }, text);
    if (action) box.append(make("button", { type: "button", "data-testid": `banner-${kind}-go`, onclick: action[1] }, action[0]));
    banners.append(box);
  }
  const away = is => banner("away", is && word("ServerAway"), true);

  async function signInAgain() {
    const to = location.pathname + location.search;
    const body = { to, user: page.user, recipient: here.recipient?.id ?? "none", text: draft.value };
    const answer = await api("POST", "/login/again", body);
    if (answer.status === 200) location.assign(answer.body.location);
    else away(true);
  }

  /* ---- the customer, from WeCom's client ---- */

  const within = promise => Promise.race([promise, new Promise((_, no) => setTimeout(() => no({ errMsg: "silent" }), CLIENT))]);
  const inWecom = () => typeof ww !== "undefined" && ww.env.isWeCom;

  /** Without a signature the SDK is left waiting: the call that needs it runs out of time and says so. */
  async function sign(kind, url) {
    const answer = await api("POST", "/v1/jssdk/signature", { kind, url });
    return answer.status === 200 ? answer.body : new Promise(() => {});
  }

  async function connect() {
    if (inWecom()) await meet().catch(() => banner("wecom", word("NotConnected"), false, [word("Retry"), () => location.reload()]));
    else banner("wecom", word("OutsideWecom"));
    here.ready = true;
    customer();
    label();
    if (draft.value) keep();
    await fetchDraft();
    if (draft.value) typed(0);
  }

  async function meet() {
    ww.register({
      corpId: page.corp, agentId: page.agent,
      jsApiList: ["getContext", "getCurExternalContact", "getCurExternalChat", "sendChatMessage", "openEnterpriseChat", "hideChatAttachmentMenu"],
      getConfigSignature: url => sign("corp", url),
      getAgentConfigSignature: url => sign("agent", url),
    });
    here.entry = (await within(ww.getContext())).entry ?? "normal";
    here.recipient = await recipient(here.entry).catch(() => null);
    here.channel = here.recipient?.kind === "kf" ? "kf" : "sidebar";
    // In the attachment bar the client has a send button of its own, which asks nobody.
    if (here.entry === "chat_attachment") ww.invoke("hideChatAttachmentMenu", { menuList: ["sendMessage"] }, () => {});
  }

  const contact = async () => ({ kind: "contact", id: (await within(ww.getCurExternalContact())).userId });
  const group = async () => ({ kind: "group", id: (await within(ww.getCurExternalChat())).chatId });

  async function recipient(entry) {
    switch (entry) {
      case "single_chat_tools":
      case "contact_profile": return contact();
      case "group_chat_tools": return group();
      case "chat_attachment": return contact().catch(group);
      case "single_kf_tools": {
        const who = await contact(), account = new URLSearchParams(location.search).get("open_kfid");
        return account ? { kind: "kf", id: who.id, open_kfid: account } : who;
      }
      default: return null;
    }
  }

  /** The head of the page. Opening it for a customer is the contact click. */
  async function customer() {
    const head = find("customer"), to = here.recipient;
    const name = (text, stage) => {
      head.replaceChildren(make("b", {}, text), stage ?? "", icon("more"));
      head.removeAttribute("aria-busy");
    };
    if (here.entry === "contact_profile") profile();
    if (!to) return name(word("CustomerNone"));
    if (to.kind === "group") return name(word("CustomerGroup"));
    if (to.kind === "kf") return name(word("CustomerKf"));
    for (const link of [head, find("tab-customer"), find("todo-customer")]) link.href = `/contact/${encodeURIComponent(to.id)}`;
    const answer = await api("POST", `/v1/contacts/${encodeURIComponent(to.id)}/opened`, { entry: here.entry });
    if (answer.status === 200) {
      const { name: called, remark, stage, actions } = answer.body;
      const open = actions?.length ? make("small", {}, word("ContactTodo", { count: actions.length })) : undefined;
      return name(`${remark || called} · ${stage}`, open);
    }
    name(word(answer.status === 403 ? "ContactNotYours" : "ContactAway"));
  }

  /** From a customer's profile nothing can be sent: the text waits for the chat. */
  function profile() {
    banner("profile", word("ProfileNote"), false, here.recipient && [word("GoToChat"), () => {
      keep();
      ww.openEnterpriseChat({ externalUserIds: [here.recipient.id], groupName: "" }).catch(() => {});
    }]);
  }

  /* ---- the button ---- */

  function label(state) {
    const blocked = seen?.verdict === "block" && seen.text === draft.value;
    const key = state ?? (!here.ready ? "SendConnecting" : blocked ? "SendEdit" : "SendCheck");
    send.textContent = word(key);
    send.hidden = tab !== "write" || here.entry === "contact_profile";
    send.setAttribute("aria-busy", String(busy));
  }

  /** One thing at a time, however often a button is pressed. */
  async function alone(work) {
    if (busy) return;
    busy = true;
    try { await work(); } finally { busy = false; label(); }
  }

  const press = () => alone(async () => {
    const text = draft.value;
    if (composing || !text.trim() || send.hidden) return draft.focus();
    if (!count()) return;
    clearTimeout(timer);
    if (here.ready && !here.recipient) return refuse();
    if (!here.ready) return;
    label("SendChecking");
    const answer = await api("POST", "/v1/checks", wanted(text, false), { key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, timeout: LOOK });
    if (answer.status !== 201 && answer.status !== 200) return failed(answer);
    away(false);
    if (seen?.text === text && seen.revision !== answer.body.revision) toast(word("RulesChanged"));
    show({ ...answer.body, text });
    await settle(answer.body);
  });

  /** No customer is known here: what was written is still worth a check, but not on record. */
  function refuse() {
    toast(word("SentNoContext"));
    look();
  }

  function failed(answer) {
    if (answer.status === 401) return;
    if (answer.status === 0 || answer.status >= 500) {
      away(true);
      // The banner is out of sight below a sheet.
      return document.querySelector(".shade") && toast(word("ServerAway"));
    }
    toast(answer.body?.[document.documentElement.lang.startsWith("zh") ? "zh" : "en"] ?? word("SentFailed"));
  }

  /** What a final check leads to. */
  async function settle(check) {
    if (check.verdict === "block") return blockSheet(check);
    if (check.state === "awaiting_confirmation") return confirmSheet(check);
    if (check.state === "awaiting_approval") return toast(word("WaitApproval"));
    if (check.release) return release(check);
  }

  /* ---- sending, once ---- */

  const phone = /Android|iPhone|iPad|Mobile/i.test(navigator.userAgent);

  async function release(check) {
    if (!sends.has(here.entry)) return toast(word("SentNoContext"));
    label("SendSending");
    // On a phone the page covers the chat: back to it when the text is out.
    const sending = ww.sendChatMessage({ msgtype: "text", text: { content: check.text }, enterChat: phone });
    // However late it settles, the record is told.
    const settled = sending.then(() => ({ ok: true, detail: "sendChatMessage:ok" }),
      error => ({ ok: false, detail: String(error?.errMsg ?? "").slice(0, 200) || "sendChatMessage:fail" }));
    settled.then(outcome => report(check, outcome));
    const outcome = await within(settled).catch(() => null);
    told(outcome, check);
  }

  function told(outcome, check) {
    if (!outcome) return toast(word("SentUnknown"));
    if (outcome.ok) return sent(check);
    const key = /cancel/.test(outcome.detail) ? "SentCancel"
      : /no permission/.test(outcome.detail) ? "SentNoPermission"
      : /without context/.test(outcome.detail) ? "SentNoContext" : "SentFailed";
    toast(word(key));
  }

  function sent(check) {
    if (draft.value === check.text) {
      draft.value = "";
      number++;
      show(null);
      typed();
      keep();
    }
    draft.focus();
    toast(word("SentOk"), [word("SentRecord"), () => { location.hash = "mine"; }]);
  }

  /** Told again until the server has it; what is lost for good becomes 发送结果未知 there. */
  async function report(check, { ok, detail }) {
    for (let pause = 1000; pause < 70000; pause *= 2) {
      const body = { release: check.release, ok, detail };
      const { status } = await api("POST", `/v1/checks/${check.id}/sent`, body, { keepalive: true });
      if (status && status < 500) return;
      await new Promise(next => setTimeout(next, pause));
    }
  }

  /* ---- sheets ---- */

  let closeSheet = () => {};

  /** Half a page over everything; `first` gets the focus, and closing gives it back. */
  function sheet(id, kind, title, parts, first, closed) {
    const box = make("div", {
      class: "sheet", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "sheet-title",
      "aria-describedby": "sheet-text", "data-testid": id,
    }, make("h2", { id: "sheet-title", class: kind }, icon(kind), title), make("div", { id: "sheet-text" }, ...parts));
    const shade = make("div", { class: "shade" }, box);
    closeSheet = done => { shade.remove(); closeSheet = () => {}; draft.focus(); if (!done) closed?.(); };
    shade.addEventListener("keydown", event => trap(event, box));
    document.body.append(shade);
    first.focus();
    return box;
  }

  function trap(event, box) {
    if (event.isComposing) return;
    if (event.key === "Escape") { event.stopPropagation(); return closeSheet(); }
    if (event.key !== "Tab") return;
    const all = [...box.querySelectorAll("button,textarea,a[href]")].filter(one => !one.disabled);
    const edge = event.shiftKey ? all[0] : all[all.length - 1];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? all[all.length - 1] : all[0]).focus();
  }

  /** Each thing that was found: what, why, on which ground, what to write instead. */
  function findings(check, least) {
    const item = hit => make("li", {},
      make("b", {}, word(hit.action === "block" ? "BlockRow" : "ConfirmRow", { phrase: hit.matched })),
      hit.why && make("p", {}, word("Why", { why: hit.why })),
      basis(hit) && make("p", {}, word("BasisLine", { basis: basis(hit) })),
      hit.fix && make("p", {}, word("Fix", { fix: hit.fix })),
      make("small", {}, word("RuleLine", { rule: hit.rule, revision: check.revision })));
    return make("ul", {}, ...check.hits.filter(hit => worst(hit) >= least).sort((a, b) => worst(b) - worst(a)).map(item));
  }

  function blockSheet(check) {
    const back = make("button", { type: "button", class: "primary", "data-testid": "block-back", onclick: () => closeSheet() }, word("ConfirmBack"));
    const parts = [findings(check, 2)];
    const [best] = check.suggestions;
    if (best) {
      const use = () => { closeSheet(); replace(best.text, draft.value); };
      parts.push(make("div", { class: "offer" }, make("small", {}, word("TrySaying")), make("p", {}, best.text),
        make("button", { type: "button", "data-testid": "block-use", onclick: use }, word("UseThis"))));
    }
    parts.push(make("div", { class: "answers" }, back), appeal(check));
    sheet("block-sheet", "block", word("BlockTitle"), parts, back, () => jump(check.hits.find(hit => hit.action === "block")));
  }

  /** One line on why it may be said; it goes to the officers. */
  function appeal(check) {
    const box = make("div", { class: "appeal" });
    const why = make("textarea", { class: "field", rows: 2, maxlength: 500, "data-testid": "appeal-text",
      "aria-label": word("AppealText"), placeholder: word("AppealText") });
    const send = () => alone(async () => {
      const text = why.value.trim();
      if (!text) return why.focus();
      const answer = await api("POST", `/v1/checks/${check.id}/appeal`, { text });
      if (answer.status !== 200) return failed(answer);
      box.replaceChildren(make("p", { class: "ok", role: "status", "data-testid": "appeal-done" }, icon("pass"), word("AppealOk")));
    });
    const open = () => {
      box.replaceChildren(why, make("button", { type: "button", "data-testid": "appeal-send", onclick: send }, word("AppealSend")));
      why.focus();
    };
    box.append(make("button", { type: "button", class: "text-button", "data-testid": "appeal-open", onclick: open }, word("AppealOpen")));
    return box;
  }

  function confirmSheet(check) {
    const back = make("button", { type: "button", class: "primary", "data-testid": "confirm-back", onclick: () => closeSheet() }, word("ConfirmBack"));
    const go = make("button", { type: "button", "data-testid": "confirm-go", disabled: true,
      // A key that is still down from writing must not confirm; a finger or a click does.
      onkeydown: event => { if (event.key === "Enter") event.preventDefault(); },
      onclick: () => alone(() => confirm(check, reason?.value)),
    }, word(check.require_approval ? "ConfirmAsk" : "ConfirmGo"));
    const reason = check.require_reason
      ? make("textarea", { class: "field", rows: 2, maxlength: 500, "data-testid": "confirm-reason", "aria-label": word("ConfirmReason"), placeholder: word("ConfirmReason"), oninput: arm })
      : undefined;
    let ripe = false;
    function arm() { go.disabled = !ripe || Boolean(reason && !reason.value.trim()); }
    setTimeout(() => { ripe = true; arm(); }, ARM);
    sheet("confirm-sheet", "confirm", word("ConfirmTitle"),
      [findings(check, 1), make("p", { class: "notice" }, word(check.require_approval ? "ApprovalNote" : "ConfirmNote")), reason, make("div", { class: "answers" }, back, go)],
      back, () => api("POST", `/v1/checks/${check.id}/withdraw`));
  }

  async function confirm(check, reason) {
    const hash = check.text_sha256;
    const answer = await api("POST", `/v1/checks/${check.id}/confirm`, { text_sha256: hash, ...(reason && { reason }) }, { timeout: LOOK });
    if (answer.status === 0 || answer.status >= 500 || answer.status === 401) return failed(answer);
    closeSheet(true);
    if (answer.status === 200) return settle(answer.body);
    if (answer.body?.check) {
      toast(word("RulesChanged"));
      show({ ...answer.body.check, text: check.text });
      return settle(answer.body.check);
    }
    if (answer.status === 410) return toast(word("ConfirmExpired"));
    failed(answer);
  }

  /* ---- my own checks ---- */

  const shapes = { passed: "pass", sent: "pass", handed_back: "pass", confirmed: "confirmed", blocked: "block",
    awaiting_confirmation: "confirm", awaiting_approval: "confirm", send_failed: "block", rejected: "block" };
  const stateWord = state => "State" + state.split("_").map(part => part[0].toUpperCase() + part.slice(1)).join("");
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false });

  function record(check, ...buttons) {
    const phrases = check.hits.filter(asks).map(hit => `「${hit.matched}」`).join("");
    const kind = shapes[check.state] ?? "log";
    const colour = { block: "block", confirm: "confirm", pass: "ok", confirmed: "ok" }[kind];
    const mark = icon(kind);
    if (colour) mark.classList.add(colour);
    return make("li", { class: "row", "data-testid": "record", "data-state": check.state }, mark,
      make("b", {}, word(check.trail.some(step => step.cause.kind === "approved") && check.state === "confirmed" ? "ApprovedButton" : stateWord(check.state)), phrases && ` ${phrases}`), make("p", {}, check.text),
      make("small", {}, [clock.format(new Date(check.created_at)), said(check.review)].filter(Boolean).join(" · ")),
      buttons.some(Boolean) ? make("div", { class: "answers" }, ...buttons.filter(Boolean)) : undefined);
  }

  /** What the officers said. */
  function said(review) {
    const found = review?.disposition;
    if (!found) return review?.appeal ? word("ReviewWaiting") : "";
    const name = word("Finding" + stateWord(found.outcome).slice(5));
    return word("FindingTitle", { finding: name }) + (found.note ? ` · ${word("DecisionNote", { note: found.note })}` : "");
  }

  async function list(box, load, empty) {
    const waiting = setTimeout(() => box.replaceChildren(make("p", {}, make("span", { class: "skeleton" }))), 300);
    const rows = await load();
    clearTimeout(waiting);
    if (!rows) {
      const again = make("button", { type: "button", onclick: () => list(box, load, empty) }, word("Retry"));
      return box.replaceChildren(make("p", {}, word("ListFailed")), again);
    }
    box.replaceChildren(rows.length ? make("ul", { class: "card list" }, ...rows) : make("p", { class: "notice" }, word(empty)));
  }

  async function checks(query) {
    const answer = await api("GET", `/v1/checks?${query}`);
    return answer.status === 200 ? answer.body.items : null;
  }

  const mine = () => list(find("mine"), async () => (await checks("limit=30"))?.map(check => record(check)), "ListEmpty");

  const todo = () => list(find("todo"), async () => {
    const states = ["awaiting_confirmation", "awaiting_approval"];
    const asked = ["confirmed", ...states].map(state => checks(`state=${state}&limit=50`));
    const apis = [api("GET", "/v1/approvals"), api("GET", `/v1/todos?lang=${document.documentElement.lang}`)];
    const [approvals, tasks, approved, ...found] = await Promise.all([...apis, ...asked]);
    if (approvals.status !== 200 || tasks.status !== 200 || !approved || found.includes(null)) return null;
    const fresh = approved.filter(check => check.trail[check.trail.length - 1].cause.kind === "approved");
    return [...approvals.body.items.map(decide), ...[...fresh, ...found.flat()].map(open), ...tasks.body.items.map(task)];
  }, "ListTodoEmpty");

  /** A colleague's check that waits for a word of mine. */
  function decide(check) {
    const say = (step, done) => () => alone(async () => {
      const answer = await api("POST", `/v1/checks/${check.id}/${step}`, step === "reject" ? {} : undefined);
      if (answer.status !== 200) failed(answer);
      else toast(word(done, { rep: check.sender }));
      todo();
    });
    const reason = check.trail.map(step => step.cause.reason).find(Boolean);
    const row = record(check, make("button", { type: "button", "data-testid": "reject", onclick: say("reject", "RejectedText") }, word("ApproveNo")),
      make("button", { type: "button", "data-testid": "approve", onclick: say("approve", "ApprovedText") }, word("ApproveYes")));
    row.querySelector("p").after(make("small", {}, [check.sender, ...check.hits.filter(asks).map(basis), reason].filter(Boolean).join(" · ")));
    return row;
  }

  const groups = { overdue: "TodoOverdue", today: "TodoToday", later: "TodoLater" };
  /** Something to be done for a customer: leads to their page. */
  function task(todo) {
    const link = make("a", { href: `/contact/${encodeURIComponent(todo.contact)}` }, todo.title);
    return make("li", { class: "row", "data-testid": "task", "data-group": todo.group },
      icon(todo.group === "overdue" ? "confirm" : "unchecked"), make("b", {}, `${word(groups[todo.group])} · ${todo.name}`),
      make("p", {}, link), make("small", {}, clock.format(new Date(todo.due_at))));
  }

  /** A check that waits: taken up again beside its own customer, taken back anywhere. */
  function open(check) {
    const own = check.recipient?.id === here.recipient?.id;
    if (check.state === "confirmed") return record(check, own && make("button", { type: "button", "data-testid": "send-approved", onclick: () => sendApproved(check) }, word("SendNow")));
    const take = async () => {
      const answer = await api("POST", `/v1/checks/${check.id}/withdraw`);
      if (answer.status !== 200) return failed(answer);
      location.hash = "write";
      if (!draft.value) { draft.value = check.text; typed(0); }
    };
    const buttons = [make("button", { type: "button", "data-testid": "take-back", onclick: take }, word("TakeBack"))];
    if (check.state === "awaiting_confirmation" && own) {
      buttons.push(make("button", { type: "button", "data-testid": "go-on", onclick: () => confirmSheet(check) }, word("GoOn")));
    }
    return record(check, ...buttons);
  }

  const sendApproved = check => alone(async () => {
    const answer = await api("GET", `/v1/checks/${check.id}`);
    if (answer.status !== 200) return failed(answer);
    if (!answer.body.release) return toast(word("ConfirmExpired"));
    await release(answer.body);
    todo();
  });

  /* ---- tabs ---- */

  function turn() {
    tab = ["todo", "mine"].includes(location.hash.slice(1)) ? location.hash.slice(1) : "write";
    for (const name of ["write", "todo", "mine"]) {
      document.getElementById(name).hidden = name !== tab;
      if (name === tab) find(`tab-${name}`).setAttribute("aria-current", "page");
      else find(`tab-${name}`).removeAttribute("aria-current");
    }
    label();
    if (tab === "todo") todo();
    if (tab === "mine") mine();
  }

  /* ---- beginning ---- */

  function key(event) {
    if (event.isComposing || composing || document.querySelector(".shade")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); press(); }
    if (event.altKey && /^[123]$/.test(event.key)) {
      event.preventDefault();
      document.querySelectorAll('[data-testid="reply"]')[event.key - 1]?.click();
    }
  }

  let pasted = false;
  draft.addEventListener("paste", () => { pasted = true; });
  draft.addEventListener("input", () => { typed(pasted ? 0 : PAUSE); pasted = false; });
  draft.addEventListener("compositionstart", () => { composing = true; clearTimeout(timer); });
  draft.addEventListener("compositionend", () => { composing = false; typed(); });
  document.addEventListener("keydown", key);
  document.addEventListener("guard:signed-out", () => banner("session", word("SessionOver"), true, [word("SignInAgain"), signInAgain]));
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep({ keepalive: true }); });
  addEventListener("hashchange", turn);
  send.addEventListener("click", press);
  find("more-replies").addEventListener("click", others);
  find("notice-read")?.addEventListener("click", async () => {
    const answer = await api("POST", "/v1/notice");
    if (answer.status === 204) document.getElementById("first").remove();
    else failed(answer);
  });
  find("leave").addEventListener("click", async () => {
    await keep();
    await api("POST", "/logout");
    location.assign("/sidebar");
  });
  turn();
  typed();
  connect();
})();
