// @ts-check
// The few emoji that apps really write as :shortcodes:. Unknown ones stay as they are.

/** @type {Record<string, string>} */
const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", check: "✔️", x: "❌", warning: "⚠️",
  no_entry: "⛔", hourglass: "⌛", hourglass_flowing_sand: "⏳", tada: "🎉", rocket: "🚀",
  wave: "👋", eyes: "👀", bell: "🔔", no_bell: "🔕", lock: "🔒", key: "🔑", gear: "⚙️",
  link: "🔗", memo: "📝", bulb: "💡", fire: "🔥", sparkles: "✨", point_right: "👉",
  point_down: "👇", raised_hands: "🙌", clap: "👏", thumbsup: "👍", "+1": "👍", "-1": "👎",
  heart: "❤️", smile: "😄", slightly_smiling_face: "🙂", thinking_face: "🤔", question: "❓",
  exclamation: "❗", information_source: "ℹ️", red_circle: "🔴", large_green_circle: "🟢",
  large_yellow_circle: "🟡", large_orange_circle: "🟠", large_blue_circle: "🔵",
  white_circle: "⚪", black_circle: "⚫", zzz: "💤", calendar: "📅", date: "📅",
  alarm_clock: "⏰", arrow_right: "➡️", arrow_left: "⬅️", arrows_counterclockwise: "🔄",
  chart_with_upwards_trend: "📈", bar_chart: "📊", email: "📧", envelope: "✉️", pushpin: "📌",
  speech_balloon: "💬", wastebasket: "🗑️", mag: "🔍", construction: "🚧", sos: "🆘",
  party_popper: "🎉", package: "📦", inbox_tray: "📥", outbox_tray: "📤", seedling: "🌱",
};

/** @param {string} name */
export function emoji(name) {
  return EMOJI[name] ?? null;
}

/** @param {string} text */
export function replaceEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}
