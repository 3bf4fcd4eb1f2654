// ---- copying -----------------------------------------------------------------------------------

const fields = ["a link to this place", "a frame for a page", "LaTeX of the equation", "NumPy of the equation"].map((words) => {
  const field = make("input", { type: "text", readonly: true, "aria-label": words });
  const told = make("span", { role: "status" });
  // The old way: the new one is forbidden in many frames, and says so in the console. Where this is, too,
  // the text is there to be taken.
  const take = () => {
    field.select();
    told.textContent = document.execCommand("copy") ? "✓ copied" : "it is selected: copy it with Ctrl C";
  };
  const copy = button("copy", "Copy " + words, take);
  copy.setAttribute("aria-label", "Copy " + words);
  return { field, told, row: make("div", { class: "p-copy" }, make("span", {}, words), field, copy, told) };
});
const copying = dialog("p-copying", "Copy", ...fields.map(({ row }) => row));
document.body.append(copying);
const quoted = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
const offer = () => {
  const line = shown().line, address = location.href.split("#")[0];
  const frame = '<iframe src="' + quoted(address.split("/").pop() + place()) + '" title="' + quoted(document.title) + '" width="1280" height="720"></iframe>';
  // A page inside of another has no address of its own.
  const own = !address.startsWith("about:");
  [own && address + place(), own && frame, line && line.element.dataset.latex, line && line.element.dataset.numpy].forEach((text, k) => {
    fields[k].field.value = text || "";
    fields[k].told.textContent = "";
    fields[k].row.hidden = !text;
  });
  copying.showModal();
};
