// What the pages do beyond reading: remember the language, keep the place when switching it, mark
// what has been read to its end. Everything works without; nothing leaves the browser.
(() => {
  const store = {
    get(name) { try { return localStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(name, value); } catch { /* file:// may refuse */ } },
  };
  const language = document.documentElement.lang.slice(0, 2);
  if (document.querySelector(".bft-languages")) store.set("bankft.language", language);

  // The same section and the same search, in the other language.
  document.querySelectorAll(".bft-languages a").forEach((link) => {
    link.addEventListener("click", () => {
      link.search = location.search;
      link.hash = location.hash;
    });
  });

  // Excerpts of search results are fetched, which browsers forbid for files.
  if (location.protocol === "file:" && window.DOCUMENTATION_OPTIONS) {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }

  const done = new Set((store.get("bankft.done") || "").split(" ").filter(Boolean));

  document.addEventListener("DOMContentLoaded", () => {
    // A lesson is read when its end has been on the screen.
    const lesson = document.querySelector(".bft-lesson");
    const end = document.querySelector("footer .related-pages");
    if (lesson && end && "IntersectionObserver" in window) {
      const root = new URL(document.documentElement.dataset.content_root, location.href).pathname;
      const page = location.pathname.slice(root.length).replace(/\.html$/, "");
      new IntersectionObserver((entries, observer) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        done.add(page);
        store.set("bankft.done", [...done].join(" "));
        observer.disconnect();
      }).observe(end);
    }

    document.querySelectorAll(".bft-path a[data-pages]").forEach((block) => {
      if (!block.dataset.pages.split(" ").every((page) => done.has(page))) return;
      block.classList.add("bft-done");
      const note = document.createElement("span");
      note.className = "bft-state";
      note.textContent = `✓ ${block.dataset.done}`;
      block.append(note);
    });

    // Code and tables that are wider than the page scroll, by keyboard too.
    document.querySelectorAll(".highlight pre, .table-wrapper, pre.mermaid").forEach((box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    });

    // "/" goes to the search field, as in many tools.
    document.addEventListener("keydown", (event) => {
      const busy = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || busy || event.ctrlKey || event.metaKey || event.altKey) return;
      const field = document.querySelector(".bft-search input") || document.querySelector(".sidebar-search");
      if (field) { event.preventDefault(); field.focus(); }
    });
  });
})();
