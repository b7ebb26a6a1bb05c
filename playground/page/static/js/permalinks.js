// @ts-check
// Opens Slack's permalinks to messages in this page, as Slack's client does.

import { goTo, refresh, store, toast } from "./store.js";

const ADDRESS = /^https:\/\/[\w-]+\.slack\.com\/archives\/(\w+)\/p(\d{10})(\d{6})/;

/** Shows a message with its thread. Following its address would lead to a Slack that is not there. */
export function watchPermalinks() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const found = ADDRESS.exec(link?.href ?? "");
    if (!found || !store.state?.conversations.some((one) => one.id === found[1])) return;
    event.preventDefault();
    goTo({ conversation: found[1], tab: "messages", thread: `${found[2]}.${found[3]}` });
    if (store.state.modals.length) toast("The message is open behind this window.");
    refresh();
  });
}
