// Plays the answers of a page at the pace at which their pieces were recorded. Without this file
// they stand there whole; a piece that has not come yet is only not seen, so that nothing moves,
// and search, print and screen readers have the whole text at any time.
(() => {
  const words = document.documentElement.lang.startsWith("zh")
    ? { group: "播放回答", play: "播放", pause: "暂停", again: "重播", skip: "跳到末尾", pace: "按录制的节奏", s: "秒" }
    : { group: "Play the answers", play: "Play", pause: "Pause", again: "Replay", skip: "Skip to end", pace: "At the recorded pace", s: "s" };
  const icons = {
    play: "M3 1.5 12 7l-9 5.5z", pause: "M3 2h3v10H3zM8 2h3v10H8z", skip: "M2 2l7 5-7 5zM10 2h2v10h-2z",
    again: "M7 2a5 5 0 1 0 5 5h-1.6A3.4 3.4 0 1 1 7 3.6V6l3.4-3L7 0z",
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // Put each piece of an answer into a span of its own; the text may hold marks.
  function pieces(text) {
    const beats = text.dataset.bftBeats.split(" ").map((beat) => beat.split(":").map(Number));
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const found = [];
    let at = 0;
    let left = beats[0][1];
    for (const node of nodes) {
      const letters = [...node.data]; // characters as Python counts them
      const spans = [];
      while (letters.length) {
        while (!left && at < beats.length - 1) left = beats[++at][1];
        const element = document.createElement("span");
        const part = letters.splice(0, left || letters.length);
        left = Math.max(0, left - part.length);
        element.textContent = part.join("");
        spans.push(element);
        found.push({ ms: beats[at][0], element, text: true });
      }
      node.replaceWith(...spans);
    }
    // What is said of an answer is known at its end.
    const end = beats[beats.length - 1][0];
    text.closest(".bft-bubble").querySelectorAll(".bft-tag, .bft-reference")
      .forEach((element) => found.push({ ms: end, element }));
    return found;
  }

  function button(name) {
    const made = document.createElement("button");
    made.type = "button";
    made.innerHTML = '<svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"><path/></svg><span></span>';
    made.say = (word) => {
      made.querySelector("path").setAttribute("d", icons[word]);
      made.querySelector("span").textContent = words[word];
    };
    made.say(name);
    return made;
  }

  function player(box) {
    const answers = [...box.querySelectorAll("[data-bft-beats]")].map(pieces);
    const end = Math.max(...answers.flat().map((piece) => piece.ms));
    const bar = document.createElement("div");
    bar.className = "bft-player";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", words.group);
    const main = button("play");
    const skip = button("skip");
    const track = document.createElement("span");
    track.className = "bft-progress";
    track.setAttribute("aria-hidden", "true");
    track.append(document.createElement("i"));
    const note = document.createElement("span");
    note.className = "bft-small";
    note.textContent = `${words.pace} · ${(end / 1000).toFixed(1)} ${words.s}`;
    bar.append(main, skip, track, note);
    box.after(bar);

    let at = still.matches ? end : 0;
    let playing = false;
    let played = false;
    let before = 0;

    function show() {
      for (const answer of answers) {
        let last = null;
        for (const piece of answer) {
          piece.element.classList.toggle("bft-late", piece.ms > at);
          piece.element.classList.remove("bft-now");
          if (piece.text && piece.ms <= at) last = piece.element;
        }
        if (at < end && last) last.classList.add("bft-now");
      }
      track.firstChild.style.width = `${100 * Math.min(1, at / end)}%`;
      main.say(playing ? "pause" : at < end || !played ? "play" : "again");
      skip.setAttribute("aria-disabled", String(at >= end));
      bar.dataset.state = playing ? "playing" : at < end ? "paused" : "done";
    }
    function go(now) {
      if (!playing) return;
      at = Math.min(end, at + Math.min(250, now - before)); // not what passed in a hidden tab
      before = now;
      if (at >= end) playing = false;
      show();
      if (playing) requestAnimationFrame(go);
    }
    function start() {
      if (at >= end) at = 0;
      played = playing = true;
      before = performance.now();
      show();
      requestAnimationFrame(go);
    }
    function finish() {
      playing = false;
      at = end;
      show();
    }
    main.addEventListener("click", () => {
      if (!playing) return start();
      playing = false;
      show();
    });
    skip.addEventListener("click", () => { if (at < end) { played = true; finish(); } });
    still.addEventListener("change", () => { if (still.matches) finish(); });
    show();
    if (still.matches) return;
    // It begins by itself, once, when its top has come well into the window.
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      if (!played) start();
    }, { rootMargin: "0px 0px -25% 0px" }).observe(box);
  }

  document.querySelectorAll(".bft-duo, .bft > .bft-bubble").forEach((box) => {
    if (box.querySelector("[data-bft-beats]")) player(box);
  });
})();
