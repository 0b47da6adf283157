/** Which addresses the page will follow. Everything else is shown as plain text. */

/** The names of this machine: the server may call itself 127.0.0.1 while the visitor typed localhost. */
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * A safe href, or null: http, https and mailto alone (no javascript:, data:, file: or relative tricks).
 * @param {unknown} url
 * @returns {string | null}
 */
export function safeHref(url) {
  if (typeof url !== "string") return null;
  try {
    const parsed = new URL(url.trim());
    return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null; // not a URL at all: shown as text
  }
}

/**
 * An image address this page may load: its own origin or an inline raster image (the Content-Security-Policy says the same).
 * @param {unknown} url
 * @returns {string | null}
 */
export function safeImage(url) {
  if (typeof url !== "string" || !url) return null;
  if (/^data:image\/(png|jpe?g|gif|webp|svg\+xml)[;,]/i.test(url)) return url;
  try {
    const parsed = new URL(url, location.origin);
    const here = parsed.origin === location.origin || (LOOPBACK.has(parsed.hostname) && LOOPBACK.has(location.hostname) && parsed.port === location.port);
    return here ? parsed.pathname + parsed.search : null;
  } catch {
    return null;
  }
}

/**
 * A Slack permalink's place in this workspace, or null.
 * @returns {{channel: string, ts: string, thread: string} | null}
 */
export function permalink(url) {
  const match = /\/archives\/([CDG][A-Z0-9]+)\/p(\d{10})(\d{6})(?:\?(.*))?$/.exec(String(url || ""));
  if (!match) return null;
  const ts = `${match[2]}.${match[3]}`;
  const thread = new URLSearchParams(match[4] || "").get("thread_ts") || ts;
  return { channel: match[1], ts, thread };
}
