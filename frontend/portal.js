// Improves what already works without it. Each component looks for its own `data-module`.

import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { CharacterCount } from "govuk-frontend/dist/govuk/components/character-count/character-count.mjs";
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import { NotificationBanner } from "govuk-frontend/dist/govuk/components/notification-banner/notification-banner.mjs";
import { PasswordInput } from "govuk-frontend/dist/govuk/components/password-input/password-input.mjs";
import { Radios } from "govuk-frontend/dist/govuk/components/radios/radios.mjs";
import { SkipLink } from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs";

// A video of another site: nothing is loaded from there before the reader asks for it.
class Video {
  static moduleName = "pp-video";

  constructor(root) {
    const button = root.querySelector("button");
    button.addEventListener("click", () => {
      const player = document.createElement("iframe");
      player.src = root.dataset.player;
      player.title = root.dataset.title;
      player.allow = "fullscreen; picture-in-picture";
      player.allowFullscreen = true;
      player.referrerPolicy = "strict-origin";
      button.replaceWith(player);
      player.focus();
    });
    button.hidden = false;
  }
}

// A part of a form that stands there only while another answer is so. Not the reveal of GOV.UK's radios: that
// puts aria-expanded on a radio, where it is not allowed, and knows neither checkboxes nor questions further up.
class Reveal {
  static moduleName = "pp-reveal";

  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    this.form.addEventListener("change", () => this.sync());
    this.sync();
  }

  sync() {
    const { field, value } = this.root.dataset;
    const controls = [...this.form.querySelectorAll("input:checked")];
    // An answer that does not apply itself makes nothing appear. Parts stand in their order, so it is known.
    this.root.hidden = !controls.some(
      (control) => control.name === field && control.value === value && !control.closest("[hidden]"),
    );
  }
}

// For those who do not know where their browser keeps it. Without a script the button is not there.
class Print {
  static moduleName = "pp-print";

  constructor(button) {
    button.addEventListener("click", () => window.print());
  }
}

const components = [
  Button,
  CharacterCount,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Print,
  Radios,
  Reveal,
  SkipLink,
  Video,
];

// Set here, not in the page: a browser that cannot run this module keeps the plain page.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

for (const Component of components) {
  for (const element of document.querySelectorAll(`[data-module="${Component.moduleName}"]`)) {
    try {
      new Component(element);
    } catch (error) {
      console.error(error); // one broken field must not take the others along
    }
  }
}

// allauth's scripts ask for the passkey and tell only the console when that fails.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const main = document.querySelector("main .govuk-main-wrapper") ?? document.querySelector("main");
  const note = document.createElement("div");
  note.className = "govuk-inset-text";
  note.setAttribute("role", "alert");
  note.textContent =
    "Your passkey or security key was not used. Try again, or choose another way. Nothing was changed.";
  main.querySelector("[role=alert].govuk-inset-text")?.remove();
  main.prepend(note);
});
