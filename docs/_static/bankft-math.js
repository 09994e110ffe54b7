// Render the page's formulas; KaTeX itself is loaded just before this file, on pages with math only.
document.querySelectorAll(".bft-math").forEach((element) => {
  const block = element.tagName === "DIV";
  katex.render(element.textContent, element, { displayMode: block, throwOnError: false, output: "htmlAndMathml" });
  if (block) element.tabIndex = 0; // a wide formula scrolls, by keyboard too
});
