// Purpose: hold GraphQL operations, and what they were answered with, against GitHub's schema.
// stdin: JSON list of {query, variables, data}; stdout: for each the list of what is wrong with it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const packages = process.argv[2];
const require = createRequire(`${packages}/`);
const { buildSchema, execute, parse, validate } = require("graphql");
const idl = readFileSync(`${packages}/node_modules/@octokit/graphql-schema/schema.graphql`, "utf8");
const schema = buildSchema(idl, { assumeValidSDL: true }); // GitHub's own defines two fields twice

// The answer is read once more by GitHub's own types: what is missing, null or of another type shows.
const fieldResolver = (source, _args, _context, info) => source?.[info.path.key];
const typeResolver = (value, _context, info) => {
  const asked = info.fieldNodes.flatMap((node) => node.selectionSet.selections);
  const told = asked.find((it) => it.name?.value === "__typename");
  return value[told?.alias?.value ?? "__typename"] ?? asked.find((it) => it.typeCondition)?.typeCondition.name.value;
};

function* problems({ query, variables, data }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    yield error.message;
    return;
  }
  const wrong = validate(schema, document);
  yield* wrong.map((error) => error.message);
  if (wrong.length || !data) return;
  const options = { schema, document, rootValue: data, variableValues: variables, fieldResolver, typeResolver };
  const { errors = [] } = execute(options);
  for (const error of errors) yield `${(error.path ?? ["variables"]).join(".")}: ${error.message}`;
}

const asked = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map((it) => [...problems(it)])));
