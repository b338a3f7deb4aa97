"use strict";
/* Where WeCom's client opened a customer's profile, their page is shown at once; else the list stays. */
(async () => {
  const page = document.querySelector("main[data-corp]");
  if (!page || typeof ww === "undefined" || !ww.env.isWeCom) return;
  const sign = kind => async url => (await guard.api("POST", "/v1/jssdk/signature", { kind, url })).body;
  ww.register({
    corpId: page.dataset.corp, agentId: page.dataset.agent, jsApiList: ["getContext", "getCurExternalContact"],
    getConfigSignature: sign("corp"), getAgentConfigSignature: sign("agent"),
  });
  if ((await ww.getContext()).entry !== "contact_profile") return;
  const { userId } = await ww.getCurExternalContact();
  if (userId) location.replace(`/contact/${encodeURIComponent(userId)}?from=contact_profile`);
})().catch(() => {});
