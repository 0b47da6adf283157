/** Times, names and colours as people read them. Pure apart from the browser's locale and zone. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
const DAY_YEAR = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const FULL = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "medium" });
const SHORT = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });

/** Slack's `ts` ("1700000000.000100") as a Date. */
export function dateOf(ts) {
  return new Date(Number.parseFloat(ts) * 1000);
}

export const clock = (ts) => CLOCK.format(dateOf(ts));
export const fullTime = (ts) => FULL.format(dateOf(ts));

/** A key that is equal for two times on one local day. */
export function dayKey(ts) {
  const date = dateOf(ts);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** "Today", "Yesterday", "Monday 3 January" as a day divider says it. */
export function dayLabel(ts, now = new Date()) {
  const key = dayKey(ts);
  const seconds = now.getTime() / 1000;
  if (key === dayKey(seconds)) return "Today";
  if (key === dayKey(seconds - 86400)) return "Yesterday";
  const date = dateOf(ts);
  return (date.getFullYear() === now.getFullYear() ? DAY : DAY_YEAR).format(date);
}

/** "12 minutes ago", "3 days ago", then a date: the last reply of a thread. */
export function ago(ts, now = new Date()) {
  const seconds = Math.max(0, (now.getTime() - dateOf(ts).getTime()) / 1000);
  if (seconds < 60) return "just now";
  const count = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"} ago`;
  if (seconds < 3600) return count(Math.floor(seconds / 60), "minute");
  if (seconds < 86400) return count(Math.floor(seconds / 3600), "hour");
  if (seconds < 30 * 86400) return count(Math.floor(seconds / 86400), "day");
  return SHORT.format(dateOf(ts));
}

/** Slack's date tokens ("{date_short} at {time}") for a Unix time in seconds; unknown tokens stay as they are. */
export function dateTokens(seconds, format, fallback = "") {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback || format;
  const as = (options) => new Intl.DateTimeFormat("en", options).format(date);
  const tokens = {
    date_num: () => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`,
    date: () => as({ dateStyle: "long" }),
    date_short: () => as({ dateStyle: "medium" }),
    date_long: () => as({ dateStyle: "full" }),
    date_pretty: () => dayLabel(seconds),
    date_short_pretty: () => dayLabel(seconds),
    date_long_pretty: () => dayLabel(seconds),
    day_divider_pretty: () => dayLabel(seconds),
    time: () => clock(seconds),
    time_secs: () => as({ timeStyle: "medium" }),
    ago: () => ago(seconds),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => (tokens[name] ? tokens[name]() : whole));
}

/** Up to two initials of a name. */
export function initials(name) {
  const words = String(name || "?").split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0]).join("").toUpperCase() || "?";
}

/** Bytes as "12 KB". */
export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
