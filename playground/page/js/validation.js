/** What Slack's client checks in a modal before it is sent. */

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function isEmpty(value) {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function isUrl(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

const CHECKS = {
  email_text_input: (value) => (EMAIL.test(value) ? "" : "Please enter an email address."),
  url_text_input: (value) => (isUrl(value) ? "" : "Please enter a web address, such as https://example.com."),
  number_input: (value, element) => {
    const number = Number(value);
    if (Number.isNaN(number)) return "Please enter a number.";
    if (element.min_value !== undefined && number < Number(element.min_value)) return `Please enter ${element.min_value} or more.`;
    if (element.max_value !== undefined && number > Number(element.max_value)) return `Please enter ${element.max_value} or less.`;
    return "";
  },
  plain_text_input: (value, element) => (element.min_length && value.length < element.min_length ? `Please enter at least ${element.min_length} characters.` : ""),
};

/**
 * @param {object} view  @param {import("./form_state.js").FormState} form
 * @returns {Record<string, string>} block_id -> what is wrong
 */
export function problems(view, form) {
  const found = {};
  view.blocks.forEach((block, index) => {
    if (block.type !== "input") return;
    const id = block.block_id || `block-${index}`;
    const value = form.get(id, block.element);
    if (isEmpty(value)) {
      if (!block.optional) found[id] = "Please complete this required field.";
      return;
    }
    const text = CHECKS[block.element.type]?.(value, block.element);
    if (text) found[id] = text;
  });
  return found;
}
