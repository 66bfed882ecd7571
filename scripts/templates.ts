import Handlebars from 'handlebars';

/**
 * Compiles a template to the text of a JavaScript module, so that the bundle holds Handlebars' small runtime only and
 * starts without compiling. Text, not HTML: nothing is escaped. A field that is not there is an error.
 */
export function templateModule(source: string): string {
  const options = { noEscape: true, strict: true, knownHelpersOnly: true };
  return `export default ${Handlebars.precompile(source, options)};`;
}
