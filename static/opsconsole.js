"use strict";
// Comfort on top of pages that work without it. Everything is found by data attributes.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// What stands behind an open dialog is not read: the dialog has a place of its own.

function announce(text) {
  (find("dialog[open] [data-announcer]") ?? find("#announcer")).textContent = text;
}

function toast(text) {
  const box = find("#toasts");
  if (all("p", box).some((line) => line.textContent === text)) return;
  const note = find("#toast").content.firstElementChild.cloneNode(true);
  find("p", note).textContent = text;
  box.append(note);
  setTimeout(() => note.remove(), 10_000);
}

// Theme: automatic, then the opposite of what the system prefers, then the other one.

function nextTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const order = dark ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  const now = document.documentElement.dataset.theme;
  return order[(order.indexOf(now) + 1) % order.length];
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  announce(`Theme: ${theme === "auto" ? "as the system" : theme}`);
}

// Dialogs

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  find("#account:popover-open")?.hidePopover();
  find("#navigation:popover-open")?.hidePopover();
  dialog.showModal();
  if (id === "palette") preparePalette();
}

// The palette: a combobox whose listbox is loaded by htmx. Focus stays in the field;
// aria-activedescendant says which option Enter opens.

const palette = find("#palette");
const paletteInput = find("#palette-input");
const options = () => all("[role=option]", palette);
const activeOption = () => find("[role=option][aria-selected=true]", palette);

function preparePalette() {
  paletteInput.select();
  htmx.trigger(paletteInput, "palette-open");
}

function activate(option) {
  activeOption()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) paletteInput.setAttribute("aria-activedescendant", option.id);
  else paletteInput.removeAttribute("aria-activedescendant");
}

function moveOption(step) {
  const list = options();
  const here = list.indexOf(activeOption());
  activate(list[(here + step + list.length) % list.length]);
}

function refreshOptions() {
  if (!palette) return;
  paletteInput.ariaExpanded = String(options().length > 0);
  activate(options()[0]);
}

palette?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") moveOption(1);
  else if (event.key === "ArrowUp") moveOption(-1);
  else if (event.key === "Enter" && activeOption()) activeOption().click();
  else return;
  event.preventDefault();
});
paletteInput?.addEventListener("input", () => activate(null));
// A dialog is left by its edge too.
palette?.addEventListener("click", (event) => event.target === palette && palette.close());

// A button that waits for a typed confirmation; locked here, so that it works without us.

function refreshUnlock(form) {
  for (const input of all("[data-unlock]", form)) {
    const button = document.getElementById(input.dataset.unlock);
    if (button) button.disabled = !form.checkValidity();
  }
}

// Selection of rows

const boxes = () => all("[data-select]");
let lastBox = null;

function selectRange(box) {
  const list = boxes();
  const [from, to] = [list.indexOf(lastBox), list.indexOf(box)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const other of list.slice(from, to + 1)) other.checked = box.checked;
}

// "All that match" is offered once the whole page is ticked, and is sent instead of ids.

function refreshMatching(everyRow) {
  const matching = find("[data-select-matching]");
  if (!matching) return null;
  if (!everyRow) matching.checked = false;
  matching.parentElement.hidden = !everyRow;
  for (const box of boxes()) if (box.form === matching.form) box.disabled = false;
  return matching.checked ? matching.dataset.selectMatching : null;
}

function sendMatchingAlone(form) {
  if (!find("[data-select-matching]:checked", form)) return;
  for (const box of boxes()) if (box.form === form) box.disabled = true;
}

function refreshSelection() {
  const list = boxes();
  const chosen = list.filter((box) => box.checked).length;
  const matching = refreshMatching(chosen > 0 && chosen === list.length);
  const count = matching ?? chosen.toLocaleString("en").replaceAll(",", "\u202f");
  for (const head of all("[data-select-all]")) {
    head.checked = chosen > 0 && chosen === list.length;
    head.indeterminate = chosen > 0 && chosen < list.length;
  }
  for (const place of all("[data-selection-count]")) place.textContent = count;
}

function selectNone() {
  for (const box of all("[data-select]:checked, [data-select-matching]:checked")) box.checked = false;
  refreshSelection();
}

// A table that is too wide scrolls by itself; one that fits keeps its head in sight.

function fitTables() {
  for (const region of all(".table-region")) {
    const scrolls = region.classList.toggle("scrolls", region.scrollWidth > region.clientWidth);
    if (scrolls) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  }
}

// Keys. WCAG 2.1.4: they can be switched off, and stay so in this browser.

const keysAreOn = () => localStorage.getItem("shortcuts") !== "off";
const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
let afterG = 0;

function moveRow(step) {
  const rows = all(".results tbody tr:not(.no-rows)");
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement.closest("tr"));
  const row = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
  const target = find("a, button", row) ?? find("input", row) ?? row;
  target.focus();
  row.scrollIntoView({ block: "nearest" });
}

function toggleRow() {
  const box = document.activeElement.closest("tr")?.querySelector("[data-select]");
  box?.click();
  return Boolean(box);
}

function goTo(key) {
  const link = all("[data-go]").find((item) => item.dataset.go === key);
  if (link) location.assign(link.href);
  return Boolean(link);
}

function focusSearch() {
  const field = find("[data-search]");
  if (!field) return openDialog("palette");
  field.focus();
  field.select();
}

function turnPage(rel) {
  const link = find(`.pager a[rel=${rel}]`);
  link?.click();
  return Boolean(link);
}

const keys = {
  "/": focusSearch,
  "?": () => openDialog("shortcuts"),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: toggleRow,
  "[": () => turnPage("prev"),
  "]": () => turnPage("next"),
  g: () => (afterG = Date.now()),
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    return palette.open ? palette.close() : find("dialog[open]") || openDialog("palette");
  }
  if (event.key === "Escape" && event.target.matches("[data-search]")) {
    event.preventDefault(); // the browser would empty the field
    return event.target.blur();
  }
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!plain || !keysAreOn() || isTyping(event.target) || find("dialog[open]")) return;
  const follows = Date.now() - afterG < 1500;
  afterG = 0;
  if (follows && goTo(event.key)) return event.preventDefault();
  if (!Object.hasOwn(keys, event.key)) return;
  if (keys[event.key]() !== false) event.preventDefault();
});

// Clicks

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = find("span", button) ?? button;
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    label.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    label.textContent = "Press Ctrl+C";
  }
  announce(label.textContent);
  setTimeout(() => (label.textContent = before), 2000);
}

async function copyLink(button) {
  const field = button.nextElementSibling;
  field.value = location.href;
  try {
    await navigator.clipboard.writeText(field.value);
    announce("Copied the link");
    find("span", button).textContent = "Copied";
    setTimeout(() => (find("span", button).textContent = "Copy link"), 2000);
  } catch {
    field.hidden = false;
    field.select();
    announce("Press Ctrl+C to copy the link");
  }
}

function fill(button) {
  for (const [id, value] of new URLSearchParams(button.dataset.fill)) document.getElementById(id).value = value;
}

const actions = {
  fill,
  themeSwitch: () => setTheme(nextTheme()),
  open: (target) => openDialog(target.dataset.open),
  close: (target) => target.closest("dialog").close(),
  dismiss: (target) => target.closest(".note").remove(),
  copyLink,
  copy,
  selectNone,
};

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-select]");
  if (box) {
    if (event.shiftKey) selectRange(box);
    lastBox = box;
  }
  if (event.ctrlKey || event.metaKey) return;
  const target = event.target.closest("[data-open], [data-close], [data-fill], [data-dismiss], [data-copy], [data-copy-link], [data-select-none], [data-theme-switch]");
  const name = target && Object.keys(actions).find((key) => key in target.dataset);
  if (!name) return;
  event.preventDefault();
  actions[name](target);
});

document.addEventListener("input", (event) => {
  if (event.target.form) refreshUnlock(event.target.form);
});

document.addEventListener("change", (event) => {
  const data = event.target.dataset;
  if ("selectAll" in data) for (const box of boxes()) box.checked = event.target.checked;
  if ("shortcutsSwitch" in data) localStorage.setItem("shortcuts", event.target.checked ? "on" : "off");
  refreshSelection();
});

// One click, one request: the button that was pressed waits for the answer.

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || event.defaultPrevented || event.target.method !== "post") return;
  if (button.ariaBusy === "true") event.preventDefault();
  button.ariaBusy = "true";
  sendMatchingAlone(event.target);
});

// Several ticked values as one parameter: `columns=tier,usage`.

document.addEventListener("formdata", (event) => {
  const name = event.target.dataset.join;
  if (!name) return;
  const ticked = event.formData.getAll(name).slice(1);
  if (ticked.length) event.formData.set(name, ticked.join(","));
});

addEventListener("pageshow", () => {
  for (const button of all("button[aria-busy]")) button.ariaBusy = null;
  refreshSelection();
});

// htmx: a lost session leads to the sign-in page, an error is said aloud.

document.addEventListener("htmx:beforeSwap", (event) => {
  const address = event.detail.xhr.responseURL;
  if (!address || new URL(address).pathname !== document.body.dataset.login) return;
  event.detail.shouldSwap = false;
  location.reload();
});

document.addEventListener("htmx:afterSettle", (event) => {
  const results = event.detail.elt.closest?.("[data-results]");
  if (results) announce(results.dataset.results);
  if (results?.id === "palette-results") return refreshOptions();
  prepare();
});

// A part that cannot be loaded says so in its place instead of waiting for ever.

function giveUp(event) {
  const lazy = event.detail.elt.closest?.(".lazy");
  if (!lazy) return false;
  const note = find("#panel-problem").content.firstElementChild.cloneNode(true);
  find("a", note).href = location.href;
  lazy.replaceWith(note);
  return true;
}

document.addEventListener("htmx:responseError", (event) => {
  if (giveUp(event)) return;
  toast(`The console answered with an error (${event.detail.xhr.status}). What you see may be out of date.`);
});

document.addEventListener("htmx:sendError", (event) => giveUp(event) || toast("The console cannot be reached. What you see may be out of date."));
document.addEventListener("htmx:timeout", (event) => giveUp(event) || toast("The console took too long to answer. What you see may be out of date."));

function prepare() {
  for (const form of new Set(all("[data-unlock]").map((input) => input.form))) refreshUnlock(form);
  refreshSelection();
  fitTables();
}

addEventListener("resize", fitTables);
for (const toggle of all("[data-shortcuts-switch]")) toggle.checked = keysAreOn();
prepare();
