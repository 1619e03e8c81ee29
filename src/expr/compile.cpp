// From a tree to steps: names are looked up, types that are known are checked, constants are
// folded.
#include <algorithm>
#include <array>
#include <utility>

#include "base/nearest.h"
#include "event/fill.h"
#include "expr/arithmetic.h"
#include "expr/code.h"
#include "expr/macro.h"
#include "expr/pattern.h"

namespace weir::expr {

namespace {

/// Words that name a type where the event has no such field, and the type's full name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypeNames = {{
    {"int", "int"},
    {"uint", "uint"},
    {"double", "double"},
    {"bool", "bool"},
    {"string", "string"},
    {"bytes", "bytes"},
    {"list", "list"},
    {"map", "map"},
    {"null_type", "null_type"},
    {"type", "type"},
    {"timestamp", "google.protobuf.Timestamp"},
    {"duration", "google.protobuf.Duration"},
}};

constexpr std::array<std::string_view, 7> kAggregateNames = {"count", "sum",   "mean", "min",
                                                             "max",   "first", "last"};

/// A compiled node, and what is known of its type.
struct Made {
  Code* code = nullptr;
  StaticType type;
};

bool is_number_type(StaticType type) {
  return type.kind == Kind::kInt || type.kind == Kind::kUint || type.kind == Kind::kDouble;
}

/// True if values of these types may be put in order.
bool have_order(StaticType a, StaticType b) {
  if (a.is_dyn() || b.is_dyn() || (is_number_type(a) && is_number_type(b))) return true;
  return a.kind == b.kind &&
         (a.kind == Kind::kString || a.kind == Kind::kBytes || a.kind == Kind::kBool);
}

class Compiler {
 public:
  Compiler(std::string_view source, PathTable& paths, Dialect dialect)
      : source_(source), paths_(paths), made_(std::make_unique<Compilation>()) {
    made_->dialect = dialect;
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
    const bool constant_operands = std::ranges::all_of(
        made.code->children, [](const Code* child) { return child->step == Step::kConstant; });
    if (!constant_operands || !error_.empty()) return made;
    const std::vector<std::vector<Value>> no_columns;
    const Value value = evaluate(*made.code, {no_columns, 0, made_->arena}, 0, made_->dialect);
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

  /// The path that the node names, if its first name is no variable.
  std::optional<Path> event_path(const Node& node) const {
    const Node* root = &node;
    while (root->kind == NodeKind::kSelect || root->kind == NodeKind::kIndex) {
      root = root->children[0].get();
    }
    if (root->kind != NodeKind::kName || find_local(root->text) >= 0) return std::nullopt;
    if (over_events()) return path_of(node);
    return root == &node ? std::optional(Path::single(node.text)) : std::nullopt;
  }

  /// A name, a member or an index; with `has`, the question whether it is there.
  Made compile_chain(const Node& node, bool has) {
    if (std::optional<Path> path = event_path(node))
      return compile_path(node, std::move(*path), has);
    if (node.kind == NodeKind::kName) {
      const int local = find_local(node.text);
      const Made made = step(Step::kLocal, locals_[static_cast<size_t>(local)].type);
      made.code->slot = local;
      return made;
    }
    const Made container = compile(*node.children[0]);
    if (node.kind == NodeKind::kIndex) {
      const Made key = compile(*node.children[1]);
      const StaticType type = {container.type.kind == Kind::kList ? container.type.element
                                                                  : Kind::kMissing};
      const Made made =
          step(has ? Step::kHasIndex : Step::kIndex, has ? StaticType{Kind::kBool} : type);
      made.code->children = {container.code, key.code};
      return fold(made);
    }
    return compile_select(node, container, has);
  }

  Made compile_select(const Node& node, Made container, bool has) {
    const bool known = !container.type.is_dyn() && container.type.kind != Kind::kMap;
    if (over_events() && known) return fail(node.mark, "there are members in maps only");
    const Made made =
        step(has ? Step::kHasSelect : Step::kSelect, has ? StaticType{Kind::kBool} : StaticType{});
    // A chain of names is one step, so that `x.a.b` finds the flat key "a.b" as well.
    const Code& inner = *container.code;
    if (over_events() && inner.step == Step::kSelect &&
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

  Made compile_path(const Node& node, Path path, bool has) {
    if (path.root == Path::Root::kMeta) {
      const std::string problem = wrong_meta(path);
      if (!problem.empty()) return fail(node.mark, problem);
    }
    const bool is_field = path.root == Path::Root::kEvent && !path.names.empty();
    const Made made =
        step(has ? Step::kHasField : Step::kField, has ? StaticType{Kind::kBool} : StaticType{});
    made.code->is_event_field = is_field;
    made.code->slot = slot_of(path);
    if (node.kind != NodeKind::kName || has) return made;
    for (const auto& [word, full_name] : kTypeNames) {
      if (word != node.text) continue;
      made.code->step = Step::kFieldOrType;
      made.code->constant = Value::of_type(full_name);
    }
    return made;
  }

  /// Why `meta` has no such member; empty if it has.
  static std::string wrong_meta(const Path& path) {
    constexpr std::string_view kRemedy = " (a field called meta is written this.meta)";
    if (path.names.empty()) return {};
    const std::string& name = path.names[0].text;
    const auto known = meta_names();
    if (std::ranges::find(known, name) != known.end()) {
      if (path.names.size() == 1) return {};
      return "meta." + name + " has no members" + std::string(kRemedy);
    }
    std::string message = "meta has no '" + name + "'";
    const std::string_view meant = nearest(name, known);
    if (!meant.empty()) {
      message += ": did you mean meta." + std::string(meant) + "?";
    } else {
      message += ", but";
      for (const std::string_view word : known) message += " " + std::string(word);
    }
    return message + std::string(kRemedy);
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

  void need_truth(const Node& node, Made made, std::string_view where) {
    if (!over_events() || made.type.is_dyn() || made.type.kind == Kind::kBool) return;
    fail(node.span, std::string(where) + " needs true or false here");
  }

  Made compile_logic(const Node& node) {
    const Made made = step(node.op == Operator::kAnd ? Step::kAnd : Step::kOr, {Kind::kBool});
    made.code->op = node.op;
    for (const NodePtr& child : node.children) {
      const Made operand = compile(*child);
      need_truth(*child, operand, spelling(node.op));
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
          return fail(node.mark,
                      "cannot compare " + article(left.type) + " with " + article(right.type));
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
                                 article(left.type) + " and " + article(right.type) +
                                 (mixed ? ": convert one, as in double(x)" : ""));
    }
    return fold({made.code, type.value_or(StaticType{})});
  }

  static std::string article(StaticType type) {
    Value value;
    value.kind = type.kind;
    return std::string(with_article(value));
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
    return fold(made);
  }

  Made compile_map(const Node& node) {
    std::vector<const Code*> members;
    for (const NodePtr& child : node.children) members.push_back(compile(*child).code);
    const Made made = step(Step::kMap, {Kind::kMap});
    made.code->children = std::move(members);
    return fold(made);
  }

  Made compile_call(const Node& node) {
    if (!node.has_receiver && node.text == "has") return compile_has(node);
    if (!node.has_receiver && node.text == "dyn" && node.children.size() == 1) {
      return {compile(*node.children[0]).code, {}};
    }
    if (is_comprehension(node)) return compile_comprehension(node);
    const Function* const function =
        find_function(node.text, node.has_receiver, node.children.size());
    if (function == nullptr) return unknown_function(node);
    const Made made = step(Step::kCall, function->result);
    made.code->function = function;
    for (const NodePtr& child : node.children) made.code->children.push_back(compile(*child).code);
    if (node.text == "matches") return compile_matches(node, made);
    return fold(made);
  }

  Made unknown_function(const Node& node) {
    const std::string usage = usage_of(node.text);
    if (!usage.empty()) return fail_late(node.mark, "expected " + usage);
    const auto& names = function_names();
    if (!node.has_receiver && (node.text == "not" || node.text == "NOT")) {
      return fail_late(node.mark, "not is written !");
    }
    if (std::ranges::find(names, node.text) != names.end()) {
      return fail_late(node.mark, "expected " + macro_usage(node.text));
    }
    if (std::ranges::find(kAggregateNames, node.text) != kAggregateNames.end()) {
      return fail_late(node.mark, node.text +
                                      " is a function over many events: it stands in aggregate "
                                      "only, and not inside another function or macro");
    }
    std::string message = "there is no function '" + node.text + "'";
    const std::string_view meant = nearest(node.text, names);
    if (!meant.empty()) {
      const std::string known = usage_of(meant);
      message += ": did you mean " + (known.empty() ? macro_usage(meant) : known) + "?";
    }
    return fail_late(node.mark, message);
  }

  static std::string macro_usage(std::string_view name) {
    if (name == "has") return "has(a.field)";
    if (name == "dyn") return "dyn(x)";
    if (name == "map")
      return "list.map(x, what to make of x) or list.map(x, condition, what to make of x)";
    return "list." + std::string(name) + "(x, a condition on x)";
  }

  /// A pattern that is known now is compiled now.
  Made compile_matches(const Node& node, Made made) {
    const Code& pattern = *made.code->children[1];
    if (pattern.step != Step::kConstant || pattern.constant.kind != Kind::kString)
      return fold(made);
    auto compiled = compile_pattern(pattern.constant.text());
    if (!compiled) {
      return fail_late(node.children[1]->span, "this pattern is wrong: " + compiled.error());
    }
    made.code->step = Step::kMatches;
    made.code->pattern = std::move(*compiled);
    made.code->children.pop_back();
    return fold(made);
  }

  Made compile_has(const Node& node) {
    const bool one = node.children.size() == 1;
    const NodeKind kind = one ? node.children[0]->kind : NodeKind::kNull;
    const bool standard = kind == NodeKind::kSelect;
    const bool index = kind == NodeKind::kIndex;
    const bool name = kind == NodeKind::kName && find_local(node.children[0]->text) < 0;
    if (!standard && !(over_events() && (index || name))) {
      return fail(node.span, "expected has(a.field)");
    }
    return compile_chain(*node.children[0], true);
  }

  Made compile_comprehension(const Node& node) {
    const Made range = compile(*node.children[0]);
    if (locals_.size() >= static_cast<size_t>(kMaxLocals)) {
      return fail(node.mark, "macros are nested too deep");
    }
    const bool picks = node.children.size() == 4;
    Step kind = Step::kTransform;
    if (node.text == "all") kind = Step::kAll;
    if (node.text == "exists") kind = Step::kExists;
    if (node.text == "exists_one" || node.text == "existsOne") kind = Step::kExistsOne;
    if (node.text == "filter") kind = Step::kFilter;
    const Made made = step(kind, {Kind::kBool});
    made.code->slot = static_cast<int>(locals_.size());
    made.code->children = {range.code};
    const Kind element = range.type.kind == Kind::kList ? range.type.element : Kind::kMissing;
    locals_.push_back({node.children[1]->text, {element}});
    made_->locals = std::max(made_->locals, static_cast<int>(locals_.size()));
    Made body;
    for (size_t i = 2; i < node.children.size(); ++i) {
      body = compile(*node.children[i]);
      made.code->children.push_back(body.code);
      const bool condition = kind != Step::kTransform || (picks && i == 2);
      if (condition) need_truth(*node.children[i], body, node.text);
    }
    locals_.pop_back();
    if (kind == Step::kFilter) return {made.code, {Kind::kList, element}};
    if (kind == Step::kTransform) return {made.code, {Kind::kList, body.type.kind}};
    return made;
  }

  struct Local {
    std::string_view name;
    StaticType type;
  };

  std::string_view source_;
  PathTable& paths_;
  std::unique_ptr<Compilation> made_;
  std::vector<Local> locals_;  ///< the variables of macros that are visible
  std::string error_;
};

}  // namespace

Result<std::unique_ptr<Compilation>> compile_node(const Node& node, std::string_view source,
                                                  PathTable& paths, Dialect dialect) {
  return Compiler(source, paths, dialect).run(node);
}

}  // namespace weir::expr
