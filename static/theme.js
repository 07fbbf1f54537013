// In the head and not deferred, so that the page never flashes in the wrong colours.
// Key and values are those of Django's admin: both sides share one choice.
document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";
