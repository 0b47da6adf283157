/** Light and dark: the system's choice until the visitor makes their own. */

const KEY = "playground-theme";

function system() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be switched off: the system's choice holds
  }
}

export function themeNow() {
  return document.documentElement.dataset.theme || chosen() || system();
}

/** Apply the remembered choice, if any. Call once at start. */
export function startTheme() {
  const theme = chosen();
  if (theme) document.documentElement.dataset.theme = theme;
}

export function toggleTheme() {
  const next = themeNow() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // kept for this page alone
  }
}
