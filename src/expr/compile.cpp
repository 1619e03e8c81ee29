// From a tree to steps: names are looked up, types that are known are checked, constants are
// folded.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "expr/arithmetic.h"
#include "expr/code.h"
#include "expr/macro.h"
#include "expr/pattern.h"
#include "expr/type_names.h"
#include "expr/unknown_names.h"

namespace weir::expr {

namespace {

/// The most names with dots between them that are looked for as one variable.
constexpr size_t kMostQualified = 16;

/// A compiled node, and what is known of its type.
struct Made {
  Code* code = nullptr;
  StaticType type;
};

class Compiler {
 public:
  Compiler(std::string_view source, PathTable& paths, Dialect dialect, const Limits& limits,
           Folding folding)
      : source_(source), paths_(paths), folding_(folding), made_(std::make_unique<Compilation>()) {
    made_->dialect = dialect;
    made_->limits = limits;
  }

  Result<std::unique_ptr<Compilation>> run(const Node& node) {
    const Made root = compile(node);
    if (!error_.empty()) return usage_error(std::move(error_));
    made_->root = root.code;
    return std::move(made_);
  }

 private:
  bool over_events() const { return made_->dialect == Dialect::kEvents; }

  Made fail(Span span, std::string_view message) {
    if (error_.empty()) error_ = point_at(source_, span, message);
    return constant(Value::null(), {});
  }

  /// What is an error before the run over events, and one of the run in standard CEL.
  Made fail_late(Span span, std::string_view message) {
    if (over_events()) return fail(span, message);
    return constant(make_error(made_->arena, {message}), {});
  }

  Made step(Step step, StaticType type = {}) {
    Code& code = made_->codes.emplace_back();
    code.step = step;
    return {&code, type};
  }

  Made constant(const Value& value, StaticType type) {
    const Made made = step(Step::kConstant, type);
    made.code->constant = value;
    return made;
  }

  /// Evaluates a step whose operands are all constant.
  Made fold(Made made) {
    if (folding_ == Folding::kOff) return made;
    const bool constant_operands = std::ranges::all_of(
        made.code->children, [](const Code* child) { return child->step == Step::kConstant; });
    // What is large is made anew for each event rather than kept.
    const bool room = made_->arena.handed_out() < made_->limits.memory;
    if (!constant_operands || !error_.empty() || !room) return made;
    const std::vector<std::vector<Value>> no_columns;
    const Value value = evaluate(*made_, *made.code, {no_columns, 0, made_->arena});
    return constant(value, made.type);
  }

  Made compile(const Node& node) {
    switch (node.kind) {
      case NodeKind::kNull:
        return constant(Value::null(), {Kind::kNull});
      case NodeKind::kBool:
        return constant(Value::of(node.boolean), {Kind::kBool});
      case NodeKind::kInt:
        return constant(Value::of_int(node.integer), {Kind::kInt});
      case NodeKind::kUint:
        return constant(Value::of_uint(node.unsigned_integer), {Kind::kUint});
      case NodeKind::kDouble:
        return constant(Value::of_double(node.real), {Kind::kDouble});
      case NodeKind::kString:
        return constant(make_string(made_->arena, node.text), {Kind::kString});
      case NodeKind::kBytes: {
        const Value text = make_string(made_->arena, node.text);
        return constant(Value::of_bytes(text.text()), {Kind::kBytes});
      }
      case NodeKind::kName:
      case NodeKind::kSelect:
      case NodeKind::kIndex:
        return compile_chain(node, false);
      case NodeKind::kCall:
        return compile_call(node);
      case NodeKind::kList:
        return compile_list(node);
      case NodeKind::kMap:
        return compile_map(node);
      case NodeKind::kOperator:
        return compile_operator(node);
      case NodeKind::kConditional:
        return compile_conditional(node);
    }
    return fail(node.span, "this cannot be evaluated");
  }

  // Fields, variables, and what stands inside them.

  /// The number of the variable of that name, the innermost first, or -1.
  int find_local(std::string_view name) const {
    for (size_t i = locals_.size(); i-- > 0;) {
      if (locals_[i].name == name) return static_cast<int>(i);
    }
    return -1;
  }

  /// True if the chain of members and indices begins with a name that is no variable of a macro.
  bool begins_with_field(const Node& node) const {
    const Node* root = &node;
    while (root->kind == NodeKind::kSelect || root->kind == NodeKind::kIndex) {
      root = root->children[0].get();
    }
    return root->kind == NodeKind::kName && (root->root || find_local(root->text) < 0);
  }

  /// A name, a member or an index; with `has`, the question whether it is there.
  Made compile_chain(const Node& node, bool has) {
    if (begins_with_field(node)) {
      if (!over_events()) {
        if (const size_t names = plain_names(node); names > 0) {
          return compile_qualified(node, names, has);
        }
      } else if (node.optional && !has) {
        if (auto path = optional_path_of(node)) return compile_maybe_field(node, std::move(*path));
      } else if (auto path = path_of(node)) {
        return compile_path(node, std::move(*path), has);
      }
    } else if (node.kind == NodeKind::kName) {
      const int local = find_local(node.text);
      const Made made = step(Step::kLocal, locals_[static_cast<size_t>(local)].type);
      made.code->slot = local;
      return made;
    }
    const Made container = compile(*node.children[0]);
    if (node.kind == NodeKind::kSelect) return compile_select(node, container, has);
    const Made key = compile(*node.children[1]);
    const bool member = container.type.kind == Kind::kList;
    StaticType type = {member ? container.type.element : Kind::kMissing};
    if (has) type = {Kind::kBool};
    if (node.optional || (container.type.kind == Kind::kOptional && !has)) type = {Kind::kOptional};
    const Made made = step(has             ? Step::kHasIndex
                           : node.optional ? Step::kMaybeIndex
                                           : Step::kIndex,
                           type);
    made.code->children = {container.code, key.code};
    return fold(made);
  }

  // Variables of the standard. They may have dots in their names; the longest that there is goes
  // before members of shorter ones (language definition, "Name Resolution").

  Made compile_qualified(const Node& node, size_t names, bool has) {
    const Made made = step(Step::kQualified);
    made.code->constant = constant_of(dotted(node), node);
    // Names longer than anybody's are left out: this is quadratic in them.
    const Node* prefix = &node;
    for (; names > kMostQualified; --names) prefix = prefix->children[0].get();
    for (; names > 0; --names) {
      const Made variable = step(Step::kField);
      variable.code->slot = slot_of(Path::single(dotted(*prefix)));
      made.code->children.push_back(variable.code);
      made.code->children.push_back(inside_of(variable, *prefix, node, has).code);
      if (names > 1) prefix = prefix->children[0].get();
    }
    return made;
  }

  /// `node` by way of `prefix`, a part of it, whose value `variable` is.
  Made inside_of(Made variable, const Node& prefix, const Node& node, bool has) {
    if (&prefix == &node) {
      return has ? constant(Value::of(true), {Kind::kBool}) : variable;
    }
    return compile_select(node, inside_of(variable, prefix, *node.children[0], false), has);
  }

  /// What a dotted name means where there is no such variable: a type, or an error.
  Value constant_of(std::string_view name, const Node& node) {
    if (const std::string_view type = type_of_name(node); !type.empty()) {
      return Value::of_type(type);
    }
    return make_error(made_->arena, {"there is no variable '", name, "'"});
  }

  Made compile_select(const Node& node, Made container, bool has) {
    const bool optional = container.type.kind == Kind::kOptional;
    const bool known = !container.type.is_dyn() && container.type.kind != Kind::kMap && !optional;
    if (over_events() && known) return fail(node.mark, "there are members in maps only");
    StaticType type = {};
    if (has) type = {Kind::kBool};
    if (node.optional || (optional && !has)) type = {Kind::kOptional};
    const Made made = step(has             ? Step::kHasSelect
                           : node.optional ? Step::kMaybeSelect
                                           : Step::kSelect,
                           type);
    // A chain of names is one step, so that `x.a.b` finds the flat key "a.b" as well.
    const Code& inner = *container.code;
    if (over_events() && inner.step == Step::kSelect && !optional &&
        node.children[0]->kind == NodeKind::kSelect) {
      made.code->path = std::make_unique<Path>(*inner.path);
      made.code->path->names.push_back({node.text, true});
      made.code->children = inner.children;
    } else {
      made.code->path = std::make_unique<Path>(Path::single(node.text));
      made.code->children = {&inner};
    }
    return fold(made);
  }

  Made compile_maybe_field(const Node& node, Path path) {
    if (path.root == Path::Root::kMeta) {
      const std::string problem = about_unknown_meta(path);
      if (!problem.empty()) return fail(node.mark, problem);
    }
    const Made made = step(Step::kMaybeField, {Kind::kOptional});
    made.code->slot = slot_of(path);
    return made;
  }

  Made compile_path(const Node& node, Path path, bool has) {
    if (path.root == Path::Root::kMeta) {
      const std::string problem = about_unknown_meta(path);
      if (!problem.empty()) return fail(node.mark, problem);
    }
    const bool is_field = path.root == Path::Root::kEvent && !path.names.empty();
    const Made made =
        step(has ? Step::kHasField : Step::kField, has ? StaticType{Kind::kBool} : StaticType{});
    made.code->is_event_field = is_field;
    made.code->slot = slot_of(path);
    if (const std::string_view type = type_of_name(node); !type.empty() && !has) {
      made.code->step = Step::kFieldOrType;
      made.code->constant = Value::of_type(type);
    }
    return made;
  }

  /// The full name of the type that the node names; empty if it names none.
  std::string_view type_of_name(const Node& node) const {
    if (plain_names(node) == 0) return {};
    return type_called(dotted(node), made_->dialect);
  }

  int slot_of(const Path& path) {
    const int slot = paths_.slot(path);
    if (std::ranges::find(made_->slots, slot) == made_->slots.end()) made_->slots.push_back(slot);
    return slot;
  }

  // Operators.

  Made compile_operator(const Node& node) {
    switch (node.op) {
      case Operator::kAnd:
      case Operator::kOr:
        return compile_logic(node);
      case Operator::kNot:
      case Operator::kNegate:
        return compile_unary(node);
      default:
        return compile_binary(node);
    }
  }

  void need_truth(const Node& node, Made made, std::string_view where, const char* remedy = "") {
    if (!over_events() || made.type.is_dyn() || made.type.kind == Kind::kBool) return;
    fail(node.span, std::string(where) + " needs true or false here" + remedy);
  }

  Made compile_logic(const Node& node) {
    const Made made = step(node.op == Operator::kAnd ? Step::kAnd : Step::kOr, {Kind::kBool});
    made.code->op = node.op;
    for (const NodePtr& child : node.children) {
      const Made operand = compile(*child);
      need_truth(*child, operand, spelling(node.op), about_no_condition(node, *child));
      made.code->children.push_back(operand.code);
    }
    return fold(made);
  }

  Made compile_unary(const Node& node) {
    const Made operand = compile(*node.children[0]);
    if (node.op == Operator::kNot) {
      need_truth(*node.children[0], operand, "!");
      const Made made = step(Step::kNot, {Kind::kBool});
      made.code->children = {operand.code};
      return fold(made);
    }
    const bool number = operand.type.is_dyn() || operand.type.kind == Kind::kInt ||
                        operand.type.kind == Kind::kDouble;
    if (!number && over_events()) return fail(node.mark, "only an int or a double has a negative");
    const Made made = step(Step::kNegate, operand.type);
    made.code->promotes = over_events() && operand.type.is_dyn();
    made.code->children = {operand.code};
    return fold(made);
  }

  Made compile_binary(const Node& node) {
    const Made left = compile(*node.children[0]);
    const Made right = compile(*node.children[1]);
    const Made made = step(Step::kEqual, {Kind::kBool});
    made.code->op = node.op;
    made.code->children = {left.code, right.code};
    switch (node.op) {
      case Operator::kEqual:
        break;
      case Operator::kNotEqual:
        made.code->step = Step::kNotEqual;
        break;
      case Operator::kIn: {
        const Kind kind = right.type.kind;
        const bool searchable = right.type.is_dyn() || kind == Kind::kList || kind == Kind::kMap;
        if (!searchable && over_events()) {
          return fail(node.mark,
                      "in needs a list or a map behind it; a part of a text is found by "
                      "text.contains(part)");
        }
        made.code->step = Step::kIn;
        break;
      }
      case Operator::kLess:
      case Operator::kLessEqual:
      case Operator::kGreater:
      case Operator::kGreaterEqual:
        if (!have_order(left.type, right.type) && over_events()) {
          return fail(node.mark, "cannot compare " + std::string(with_article(left.type)) +
                                     " with " + std::string(with_article(right.type)));
        }
        made.code->step = Step::kOrder;
        break;
      default:
        return compile_arithmetic(node, left, right, made);
    }
    return fold(made);
  }

  Made compile_arithmetic(const Node& node, Made left, Made right, Made made) {
    made.code->step = Step::kArithmetic;
    const std::optional<StaticType> type = arithmetic_type(node.op, left.type, right.type);
    made.code->promotes = over_events() && (left.type.is_dyn() || right.type.is_dyn());
    if (!type && over_events()) {
      const bool mixed = is_number_type(left.type) && is_number_type(right.type) &&
                         left.type.kind != right.type.kind;
      return fail(node.mark, "there is no '" + std::string(spelling(node.op)) + "' for " +
                                 std::string(with_article(left.type)) + " and " +
                                 std::string(with_article(right.type)) +
                                 (mixed ? ": convert one, as in double(x) or 2.0 for 2" : ""));
    }
    return fold({made.code, type.value_or(StaticType{})});
  }

  Made compile_conditional(const Node& node) {
    const Made condition = compile(*node.children[0]);
    need_truth(*node.children[0], condition, "the condition in front of ?");
    const Made yes = compile(*node.children[1]);
    const Made no = compile(*node.children[2]);
    const bool same = yes.type.kind == no.type.kind && yes.type.element == no.type.element;
    const Made made = step(Step::kConditional, same ? yes.type : StaticType{});
    made.code->children = {condition.code, yes.code, no.code};
    return fold(made);
  }

  // Lists, maps, calls.

  Made compile_list(const Node& node) {
    StaticType type = {Kind::kList, Kind::kMissing};
    std::vector<const Code*> items;
    for (size_t i = 0; i < node.children.size(); ++i) {
      const Made item = compile(*node.children[i]);
      items.push_back(item.code);
      if (i == 0) type.element = item.type.kind;
      if (item.type.kind != type.element) type.element = Kind::kMissing;
    }
    const Made made = step(Step::kList, type);
    made.code->children = std::move(items);
    for (size_t i = 0; i < node.children.size(); ++i) note_optional(*made.code, node, i, i);
    if (!made.code->optional_entries.empty()) return fold({made.code, {Kind::kList}});
    return fold(made);
  }

  /// Notes that member `member` of a list or map stands behind a `?`, if child `child` says so.
  static void note_optional(Code& code, const Node& node, size_t child, size_t member) {
    if (!node.children[child]->optional_entry) return;
    code.optional_entries.resize(node.children.size());
    code.optional_entries[member] = true;
  }

  Made compile_map(const Node& node) {
    std::vector<const Code*> members;
    for (const NodePtr& child : node.children) members.push_back(compile(*child).code);
    const Made made = step(Step::kMap, {Kind::kMap});
    made.code->children = std::move(members);
    for (size_t i = 0; i < node.children.size() / 2; ++i) {
      note_optional(*made.code, node, 2 * i + 1, i);
    }
    return fold(made);
  }

  Made compile_call(const Node& node) {
    if (!node.has_receiver && node.text == "has") return compile_has(node);
    if (!node.has_receiver && node.text == "dyn" && node.children.size() == 1) {
      return {compile(*node.children[0]).code, {}};
    }
    if (const std::optional<Binding> binding = binding_of(node)) {
      return compile_macro(node, *binding);
    }
    const Function* const function =
        find_function(node.text, node.has_receiver, node.children.size());
    if (function == nullptr)
      return fail_late(node.mark, about_unknown_function(node, over_events()));
    const Made made = step(Step::kCall, function->result);
    made.code->function = function;
    for (const NodePtr& child : node.children) {
      const Made argument = compile(*child);
      made.code->children.push_back(argument.code);
      made.code->promotes = made.code->promotes || (over_events() && argument.type.is_dyn());
    }
    if (function->pattern != 0) return compile_pattern_call(node, made);
    if (node.text == "or" || node.text == "orValue") made.code->step = Step::kOrElse;
    if (over_events()) check_constants(node, *made.code);
    return fold(made);
  }

  /// What cannot work is wrong before any input.
  void check_constants(const Node& node, const Code& call) {
    if (call.function->check == nullptr) return;
    for (size_t i = 0; i < call.children.size(); ++i) {
      const Code& argument = *call.children[i];
      if (argument.step != Step::kConstant) continue;
      const std::string problem = call.function->check(i, argument.constant);
      if (!problem.empty()) fail(node.children[i]->span, problem);
    }
  }

  /// A pattern that is known now is compiled now.
  Made compile_pattern_call(const Node& node, Made made) {
    const size_t place = made.code->function->pattern;
    const Code& pattern = *made.code->children[place];
    const bool known = pattern.step == Step::kConstant && pattern.constant.kind == Kind::kString;
    if (!known || folding_ == Folding::kOff) return fold(made);
    auto compiled = compile_pattern(pattern.constant.text(), made_->limits.pattern);
    if (!compiled) {
      // In the standard what is wrong with an argument before it comes first: the run tells.
      if (!over_events()) return fold(made);
      return fail(node.children[place]->span, "this pattern is wrong: " + compiled.error());
    }
    made.code->pattern = std::make_unique<SharedPattern>(std::move(*compiled));
    // The one that filters run for every event is a step of its own.
    if (node.text == "matches") {
      made.code->step = Step::kMatches;
      made.code->children.pop_back();
    }
    return fold(made);
  }

  Made compile_has(const Node& node) {
    const bool one = node.children.size() == 1;
    const NodeKind kind = one ? node.children[0]->kind : NodeKind::kNull;
    const bool optional = one && node.children[0]->optional;
    const bool standard = kind == NodeKind::kSelect && !optional;
    const bool index = kind == NodeKind::kIndex;
    const bool name = kind == NodeKind::kName && find_local(node.children[0]->text) < 0;
    if (!standard && !(over_events() && !optional && (index || name))) {
      return fail(node.span, "expected has(a.field)");
    }
    return compile_chain(*node.children[0], true);
  }

  static Step macro_step(std::string_view name) {
    if (name == "all") return Step::kAll;
    if (name == "exists") return Step::kExists;
    if (name == "exists_one" || name == "existsOne") return Step::kExistsOne;
    if (name == "filter") return Step::kFilter;
    if (name == "transformMap") return Step::kTransformMap;
    if (name == "transformMapEntry") return Step::kTransformEntries;
    if (name == "cel.bind") return Step::kBind;
    if (name == "optMap") return Step::kOptMap;
    if (name == "optFlatMap") return Step::kOptFlat;
    if (name == "sortBy") return Step::kSortBy;
    return Step::kTransform;
  }

  Made compile_macro(const Node& node, const Binding& binding) {
    const auto variables = std::span(node.children).subspan(binding.variable, binding.variables);
    for (const NodePtr& variable : variables) {
      if (variable->kind == NodeKind::kName && !variable->root) continue;
      if (over_events()) return fail_late(node.mark, about_unknown_function(node, over_events()));
      return fail(variable->span, "expected the name of a variable");
    }
    if (binding.variables == 2 && variables[0]->text == variables[1]->text) {
      return fail(variables[1]->span, "the two variables have the same name");
    }
    const Made outside = compile(*node.children[binding.outside]);
    if (scopes_ >= kMaxScopes) return fail(node.mark, "macros are nested too deep");
    const Step kind = macro_step(node.text);
    const Made made = step(kind, {Kind::kBool});
    made.code->slot = static_cast<int>(locals_.size());
    made.code->variables = static_cast<uint8_t>(binding.variables);
    made.code->children = {outside.code};
    ++scopes_;
    add_locals(variables, kind, outside.type);
    const Made body = compile_bodies(node, binding, made);
    locals_.resize(locals_.size() - binding.variables);
    --scopes_;
    switch (kind) {
      case Step::kSortBy:
        made.code->promotes = over_events() && body.type.is_dyn();
        [[fallthrough]];
      case Step::kFilter:
        return {made.code,
                {Kind::kList,
                 outside.type.kind == Kind::kList ? outside.type.element : Kind::kMissing}};
      case Step::kTransform:
        return {made.code, {Kind::kList, body.type.kind}};
      case Step::kTransformMap:
      case Step::kTransformEntries:
        return {made.code, {Kind::kMap}};
      case Step::kOptMap:
      case Step::kOptFlat:
        return {made.code, {Kind::kOptional}};
      case Step::kBind:
        return {made.code, body.type};
      default:
        return made;
    }
  }

  void add_locals(std::span<const NodePtr> variables, Step kind, StaticType outside) {
    const Kind element = outside.kind == Kind::kList ? outside.element : Kind::kMissing;
    for (size_t i = 0; i < variables.size(); ++i) {
      StaticType type = {element};
      if (kind == Step::kBind) type = outside;
      if (kind == Step::kOptMap || kind == Step::kOptFlat) type = {};
      if (variables.size() == 2 && i == 0) {
        type = {outside.kind == Kind::kList ? Kind::kInt : Kind::kMissing};
      }
      locals_.push_back({variables[i]->text, type});
    }
    made_->locals = std::max(made_->locals, static_cast<int>(locals_.size()));
  }

  /// Compiles the children in which the variables are known, and gives the last.
  Made compile_bodies(const Node& node, const Binding& binding, Made made) {
    const Step kind = made.code->step;
    const bool decides = kind == Step::kAll || kind == Step::kExists || kind == Step::kExistsOne ||
                         kind == Step::kFilter;
    Made body;
    for (size_t i = binding.body; i < node.children.size(); ++i) {
      body = compile(*node.children[i]);
      made.code->children.push_back(body.code);
      if (decides || i + 1 < node.children.size()) {
        need_truth(*node.children[i], body, node.text);
      }
    }
    return body;
  }

  struct Local {
    std::string_view name;
    StaticType type;
  };

  std::string_view source_;
  PathTable& paths_;
  Folding folding_;
  std::unique_ptr<Compilation> made_;
  std::vector<Local> locals_;  ///< the variables of macros that are visible
  int scopes_ = 0;             ///< macros around
  std::string error_;
};

}  // namespace

Result<std::unique_ptr<Compilation>> compile_node(const Node& node, std::string_view source,
                                                  PathTable& paths, Dialect dialect,
                                                  const Limits& limits, Folding folding) {
  return Compiler(source, paths, dialect, limits, folding).run(node);
}

}  // namespace weir::expr
