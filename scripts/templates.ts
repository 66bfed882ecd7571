import Handlebars from 'handlebars';

/**
 * Compiles a file of templates to the text of a JavaScript module, so that the bundle holds Handlebars' small runtime only
 * and starts without compiling. A field that is not there is an error. In `*.html.hbs` and `*.xml.hbs` values are escaped;
 * others are plain text. What a page holds besides, its style and its script, is a text as it is.
 */
export function templateModule(path: string, source: string): string {
  if (!path.endsWith('.hbs')) return `export default ${JSON.stringify(source)};`;
  const noEscape = !/\.(html|xml)\.hbs$/.test(path);
  return `export default ${Handlebars.precompile(source, { noEscape, strict: true, knownHelpersOnly: true })};`;
}

/** The files that {@link templateModule} takes. */
export const templateFiles = /\.(hbs|css|browser\.js)$/;
