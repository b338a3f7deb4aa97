// The half of WeCom's client that a page can reach: every call is written down and answered as
// `client.answers` says. Runs before the page's own scripts.
(() => {
  const client = { calls: [], checks: [], paths: [], reports: [], answers: {}, entry: "ENTRY" };
  window.client = client;
  const usual = {
    getContext: () => ({ entry: client.entry }),
    getCurExternalContact: () => ({ userId: "wmGuard0001" }),
    getCurExternalChat: () => ({ chatId: "wrGuard01" }),
  };
  function invoke(name, params, done) {
    client.calls.push({ name, params });
    const answer = client.answers[name] ?? "ok";
    if (answer === "silence") return;
    const more = answer === "ok" ? usual[name]?.() : {};
    setTimeout(() => done({ err_msg: `${name}:${answer}`, errMsg: `${name}:${answer}`, ...more }), 0);
  }
  if (/wxwork\//.test(navigator.userAgent)) {
    window.WeixinJSBridge = { invoke, on() {}, call() {} };
    document.addEventListener("DOMContentLoaded", () => document.dispatchEvent(new Event("WeixinJSBridgeReady")));
  }
  document.addEventListener("securitypolicyviolation", event => client.reports.push(event.violatedDirective));
  const fetch = window.fetch;
  window.fetch = (path, options) => {
    client.paths.push(path);
    if (path === "/v1/checks" && options?.method === "POST") client.checks.push(JSON.parse(options.body));
    return fetch(path, options);
  };
})();
