// Builds web/assets/vendor from the packages of package.json: one script, one
// style sheet and two fonts, always the same bytes for the same lock file.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const out = new URL("../assets/vendor/", import.meta.url);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await build({
  entryPoints: ["src/vendor.js", "src/vendor.css"],
  outdir: out.pathname,
  bundle: true,
  minify: true,
  legalComments: "none",
  target: ["chrome111", "firefox113", "safari16.4"],
});
for (const weight of [400, 600]) {
  const font = `inter-latin-${weight}-normal.woff2`;
  copyFileSync(`node_modules/@fontsource/inter/files/${font}`, new URL(font, out));
}

// The licences travel with the code.
const packages = ["@digdir/designsystemet-css", "@digdir/designsystemet-web", "htmx.org", "@fontsource/inter"];
writeFileSync(
  new URL("LICENSES.txt", out),
  packages
    .map((name) => {
      const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
      return `${name} ${version} (${license})\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`;
    })
    .join("\n----\n\n"),
);
