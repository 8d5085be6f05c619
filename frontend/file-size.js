// Says that a file is too large before it is sent: the server refuses it, but only after a long wait for nothing.

for (const input of document.querySelectorAll("input[type=file][data-most-bytes]")) {
  const form = input.closest("form");
  const words = document.createElement("p");
  words.className = "error-message";
  words.id = `${input.id}-too-large`;
  words.setAttribute("role", "alert");
  words.hidden = true;
  input.after(words);

  const isTooLarge = () => [...input.files].some((file) => file.size > Number(input.dataset.mostBytes));
  const say = () => {
    words.hidden = !isTooLarge();
    words.textContent = isTooLarge() ? input.dataset.tooLarge : "";
    input.toggleAttribute("aria-invalid", isTooLarge());
  };
  input.addEventListener("change", say);
  form.addEventListener("submit", (submit) => {
    if (!isTooLarge()) return;
    submit.preventDefault();
    say();
    input.focus();
  });
}
