// From a tree back to text.
#include <charconv>
#include <cmath>

#include "expr/ast.h"

namespace weir::expr {

namespace {

constexpr int kConditional = 0;
constexpr int kUnary = 6;
constexpr int kMember = 7;

int precedence(const Node& node) {
  if (node.kind == NodeKind::kConditional) return kConditional;
  // A negative number in front of a dot or a bracket would read the same, but not look so.
  if (node.kind == NodeKind::kInt && node.integer < 0) return kUnary;
  if (node.kind == NodeKind::kDouble && std::signbit(node.real)) return kUnary;
  if (node.kind != NodeKind::kOperator) return kMember;
  switch (node.op) {
    case Operator::kOr:
      return 1;
    case Operator::kAnd:
      return 2;
    case Operator::kAdd:
    case Operator::kSubtract:
      return 4;
    case Operator::kMultiply:
    case Operator::kDivide:
    case Operator::kRemainder:
      return 5;
    case Operator::kNot:
    case Operator::kNegate:
      return kUnary;
    default:
      return 3;
  }
}

void append_hex(unsigned char byte, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\x";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

void append_quoted(std::string_view text, bool bytes, std::string& out) {
  out += bytes ? "b'" : "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f || (bytes && byte >= 0x80)) {
      append_hex(byte, out);
    } else {
      out += c;
    }
  }
  out += '\'';
}

template <typename T>
void append_number(T number, std::string& out) {
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

bool is_plain_name(std::string_view name) {
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain) return false;
  }
  return !name.empty() && (name[0] < '0' || name[0] > '9');
}

void print(const Node& node, int least, std::string& out);

void print_list(const Node& node, size_t first, std::string& out) {
  for (size_t i = first; i < node.children.size(); ++i) {
    if (i > first) out += ", ";
    if (node.children[i]->optional_entry) out += '?';
    print(*node.children[i], kConditional, out);
  }
}

void print_operator(const Node& node, std::string& out) {
  const int own = precedence(node);
  if (own == kUnary) {
    out += spelling(node.op);
    // -(1) is an operator on a number, -1 a number, also where more follows: -(1.f()) and -1.f().
    const size_t start = out.size();
    print(*node.children[0], kUnary, out);
    const bool number = node.op == Operator::kNegate && out[start] >= '0' && out[start] <= '9';
    if (number) {
      out.insert(start, 1, '(');
      out += ')';
    }
    return;
  }
  const bool chain = node.op == Operator::kAnd || node.op == Operator::kOr;
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) {
      out += ' ';
      out += spelling(node.op);
      out += ' ';
    }
    print(*node.children[i], i > 0 || chain ? own + 1 : own, out);
  }
}

void print_content(const Node& node, std::string& out) {
  switch (node.kind) {
    case NodeKind::kNull:
      out += "null";
      return;
    case NodeKind::kBool:
      out += node.boolean ? "true" : "false";
      return;
    case NodeKind::kInt:
      append_number(node.integer, out);
      return;
    case NodeKind::kUint:
      append_number(node.unsigned_integer, out);
      out += 'u';
      return;
    case NodeKind::kDouble: {
      const size_t start = out.size();
      append_number(node.real, out);
      if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
      return;
    }
    case NodeKind::kString:
      append_quoted(node.text, false, out);
      return;
    case NodeKind::kBytes:
      append_quoted(node.text, true, out);
      return;
    case NodeKind::kName:
      if (node.root) out += '.';
      out += node.text;
      return;
    case NodeKind::kSelect:
      print(*node.children[0], kMember, out);
      out += node.optional ? ".?" : ".";
      out += is_plain_name(node.text) ? node.text : "`" + node.text + "`";
      return;
    case NodeKind::kIndex:
      print(*node.children[0], kMember, out);
      out += node.optional ? "[?" : "[";
      print(*node.children[1], kConditional, out);
      out += ']';
      return;
    case NodeKind::kCall:
      if (node.has_receiver) {
        print(*node.children[0], kMember, out);
        out += '.';
      }
      out += node.text;
      out += '(';
      print_list(node, node.has_receiver ? 1 : 0, out);
      out += ')';
      return;
    case NodeKind::kList:
      out += '[';
      print_list(node, 0, out);
      out += ']';
      return;
    case NodeKind::kMap:
      out += '{';
      for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
        if (i > 0) out += ", ";
        if (node.children[i + 1]->optional_entry) out += '?';
        print(*node.children[i], kConditional, out);
        out += ": ";
        print(*node.children[i + 1], kConditional, out);
      }
      out += '}';
      return;
    case NodeKind::kOperator:
      print_operator(node, out);
      return;
    case NodeKind::kConditional:
      print(*node.children[0], 1, out);
      out += " ? ";
      print(*node.children[1], 1, out);
      out += " : ";
      print(*node.children[2], kConditional, out);
      return;
  }
}

/// Prints the node, in parentheses if it binds less than `least`.
void print(const Node& node, int least, std::string& out) {
  const bool parentheses = precedence(node) < least;
  if (parentheses) out += '(';
  print_content(node, out);
  if (parentheses) out += ')';
}

}  // namespace

std::string to_text(const Node& node) {
  std::string out;
  print(node, kConditional, out);
  return out;
}

}  // namespace weir::expr
