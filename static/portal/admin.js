// Gives names to what Wagtail's admin leaves without one, also where its editor adds it later.
// What of this Wagtail brings itself one day, tests/journeys/test_pages_of_the_admin.py says.

const HEADING = "aria-labelledby";

// A field is named by its label; in a block that is nothing but the field, the block's heading is the label.
function nameField(field) {
  const label = field.closest(".w-field__wrapper")?.querySelector("label");
  const name = label?.id || field.closest("section.w-panel")?.getAttribute(HEADING);
  if (name) field.setAttribute(HEADING, name);
}

// "Speaker 1" stands in every session: its heading, and with it the region, says in which. Sessions are moved and
// renamed meanwhile. The region's own attributes stay: Wagtail's list of a form's parts goes by them.
function sayWhere(heading) {
  const around = heading.closest("section.w-panel").parentElement.closest("section.w-panel");
  const words = `, ${around.querySelector("[data-panel-heading-text]")?.textContent.trim()}`;
  const note = heading.querySelector(".w-sr-only") ?? heading.appendChild(document.createElement("span"));
  note.className = "w-sr-only";
  if (note.textContent !== words) note.textContent = words;
}

const LACKING = {
  [`:is(.public-DraftEditor-content, .tagit-new input):not([${HEADING}])`]: nameField,
  "section.w-panel section.w-panel section.w-panel [data-panel-heading]": sayWhere,
  "#fileupload:not([aria-label])": (field) => field.setAttribute("aria-label", "Choose from your computer"),
};

function mend() {
  for (const [selector, give] of Object.entries(LACKING)) document.querySelectorAll(selector).forEach(give);
}

mend();
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
