package birkhoff.tests.gradcheck;

import birkhoff.engine.op.Ops;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What is tested of one primitive: values and gradients on operands of given shapes, and refusals.
 *
 * @param primitive its class
 * @param name as in errors
 * @param differentiable false for what is used without a tape only
 */
record OpSpec(
    Class<? extends Primitive> primitive,
    String name,
    boolean differentiable,
    List<Case> cases,
    List<Refusal> refusals) {

  /** Applies the operation to its operands. */
  @FunctionalInterface
  interface Call {
    Tensor[] apply(Ops ops, List<Tensor> in);
  }

  /** {@link Call} for an operation with one output. */
  @FunctionalInterface
  interface One {
    Tensor apply(Ops ops, List<Tensor> in);
  }

  /** The outputs by an obviously right formula. */
  @FunctionalInterface
  interface Formula {
    List<Values> apply(List<Values> in);
  }

  /** {@link Formula} for an operation with one output. */
  @FunctionalInterface
  interface OneFormula {
    Values apply(List<Values> in);
  }

  record Case(Call call, Formula formula, List<Operand> operands) {}

  /** A call that must fail with an exception whose message has the parts given. */
  record Refusal(
      Call call,
      Class<? extends RuntimeException> type,
      List<String> message,
      List<Operand> operands) {}

  static OpSpec of(Class<? extends Primitive> primitive, String name) {
    return new OpSpec(primitive, name, true, new ArrayList<>(), new ArrayList<>());
  }

  /** Without gradients. */
  static OpSpec inference(Class<? extends Primitive> primitive, String name) {
    return new OpSpec(primitive, name, false, new ArrayList<>(), new ArrayList<>());
  }

  OpSpec on(One call, OneFormula formula, Operand... operands) {
    return onAll(
        (ops, in) -> new Tensor[] {call.apply(ops, in)},
        in -> List.of(formula.apply(in)),
        operands);
  }

  OpSpec onAll(Call call, Formula formula, Operand... operands) {
    cases.add(new Case(call, formula, List.of(operands)));
    return this;
  }

  /**
   * @param message parts that it must have besides the name
   */
  OpSpec refuses(
      Class<? extends RuntimeException> type, List<String> message, One call, Operand... operands) {
    Call wrapped = (ops, in) -> new Tensor[] {call.apply(ops, in)};
    refusals.add(new Refusal(wrapped, type, message, List.of(operands)));
    return this;
  }
}
