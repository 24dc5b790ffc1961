#include "io/model_file.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/float16.h"
#include "base/quantiser.h"
#include "io/graph_json.h"
#include "io/io_testing.h"
#include "io/safetensors.h"

namespace weightroom::io {
namespace {

using testing::bytes_of;

nn::Model tiny_model() {
  nn::GraphSpec spec;
  spec.input = nn::Shape{3, 8, 8};
  spec.nodes = {
      {"conv1", "conv2d", {"input"}, {{"out_channels", 4LL}, {"kernel", 3LL}, {"padding", 1LL}}},
      {"relu1", "relu", {"conv1"}, {}},
      {"pool", "global_avg_pool", {"relu1"}, {}},
      {"flatten", "flatten", {"pool"}, {}},
      {"fc", "linear", {"flatten"}, {{"out_features", 2LL}}},
  };
  auto graph = nn::Graph::build(spec);
  EXPECT_TRUE(graph) << testing::message_of(graph);
  nn::Model model;
  model.name = "tiny";
  model.title = "Two things";
  model.graph = *graph;
  model.weights = nn::initial_weights(**graph, 7);
  model.labels = {"cat", "d\xC3\xB6g"};
  model.preprocessing.mean = {0.485F, 0.456F, 0.1F};
  model.preprocessing.std = {0.229F, 0.224F, 1.0F / 3.0F};
  model.preprocessing.invert = true;
  model.provenance = R"({"seed":7})";
  return model;
}

// The file with one place of its header changed (same length or not) and the length set right again.
testing::Bytes changed(const testing::Bytes& file, std::string_view from, std::string_view to) {
  const std::string text = testing::text_of(file);
  const std::size_t length = static_cast<unsigned char>(text[0]) + 256U * static_cast<unsigned char>(text[1]);
  std::string header = text.substr(8, length);
  const std::size_t at = header.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << header;
  header.replace(at, from.size(), to);
  return testing::with_length(header.size(), header + text.substr(8 + length));
}

void set_weight(nn::Model& model, std::size_t at, float value) {
  std::vector<float> weights = model.weights.copy();
  weights[at] = value;
  model.weights = std::move(weights);
}

TEST(ModelFile, ReopensWithTheSameFingerprint) {
  const nn::Model model = tiny_model();
  const auto file = write_model(model);
  const auto read = read_model(file, "file name");
  ASSERT_TRUE(read) << testing::message_of(read);
  EXPECT_EQ(read->name, "tiny");
  EXPECT_EQ(read->title, "Two things");
  EXPECT_EQ(read->labels, model.labels);
  EXPECT_EQ(read->preprocessing, model.preprocessing);
  EXPECT_EQ(read->provenance, model.provenance);
  EXPECT_EQ(read->weights, model.weights);
  EXPECT_EQ(nn::fingerprint(*read->graph, read->weights), nn::fingerprint(*model.graph, model.weights));
  EXPECT_EQ(write_model(*read), file) << "the same model, the same bytes";
}

TEST(ModelFile, KeepsTheCropWhereThereIsOne) {
  EXPECT_EQ(preprocessing_text({}).find("crop"), std::string::npos) << "files of before keep their bytes";
  nn::Preprocessing reading{.crop = 224.0F / 256.0F};
  EXPECT_EQ(parse_preprocessing(preprocessing_text(reading)), reading);
  reading.crop = 1.0F / 3.0F;
  EXPECT_EQ(parse_preprocessing(preprocessing_text(reading)), reading);
  for (const char* bad : {"0", "-0.5", "1.01", "1e300", "\"x\"", "null"})
    EXPECT_REFUSED(parse_preprocessing("{\"crop\":" + std::string(bad) + "}"), "not a share above 0");
}

TEST(ModelFile, KeepsTheScaleOfItsFeaturesWhereItIsKnown) {
  nn::Model model = tiny_model();
  EXPECT_EQ(testing::text_of(write_model(model)).find("feature_scale"), std::string::npos);
  model.feature_scale = 8.77F;
  const auto file = write_model(model);
  EXPECT_EQ(read_model(file, "")->feature_scale, 8.77F);
  for (const char* bad : {"0", "-1", "1e300", "\\\"x\\\"", "null"})
    EXPECT_REFUSED(read_model(changed(file, "\"8.77\"", '"' + std::string(bad) + '"'), ""), "a number above 0");
}

TEST(ModelFile, StoresHalvesWhereTheyAreExactAndFloatsWhereNot) {
  nn::Model model = tiny_model();
  std::vector<float> halves = model.weights.copy();
  for (float& weight : halves) weight = base::half_to_float(base::float_to_half(weight));
  model.weights = std::move(halves);
  const int edited = model.graph->find_weight("fc.weight");
  ASSERT_GE(edited, 0);
  const auto& weight = model.graph->weights()[static_cast<std::size_t>(edited)];
  set_weight(model, weight.offset, 0.1F);  // not a half
  const auto bytes = write_model(model);
  const auto file = parse_safetensors(bytes);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->find("fc.weight")->dtype, Dtype::f32);
  EXPECT_EQ(file->find("conv1.weight")->dtype, Dtype::f16);
  EXPECT_EQ(file->find("fc.bias")->dtype, Dtype::f16);
  const auto read = read_model(bytes, "");
  ASSERT_TRUE(read);
  EXPECT_EQ(nn::fingerprint(*read->graph, read->weights), nn::fingerprint(*model.graph, model.weights));
}

TEST(ModelFile, MinusZeroKeepsItsSign) {
  nn::Model model = tiny_model();
  set_weight(model, 0, -0.0F);
  const auto read = read_model(write_model(model, Store::half), "");
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::signbit(read->weights[0]));
}

TEST(ModelFile, RoundsToHalfWhenAsked) {
  nn::Model model = tiny_model();
  const std::size_t last = model.weights.size() - 1;
  set_weight(model, last, 70000.0F);  // a half would be infinity: this tensor stays F32
  const auto bytes = write_model(model, Store::half);
  const auto file = parse_safetensors(bytes);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->find("conv1.weight")->dtype, Dtype::f16);
  const auto read = read_model(bytes, "");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->weights[last], 70000.0F);
  EXPECT_EQ(read->weights[0], base::half_to_float(base::float_to_half(model.weights[0])));
}

// Every way of storing: what comes back is what its packing says, to the bit where nothing is rounded.
TEST(ModelFile, IsStoredInFewerBytesAndReadAgain) {
  nn::Model model = tiny_model();
  for (int k = 0; k < kStores; ++k) {
    const auto store = static_cast<Store>(k);
    SCOPED_TRACE(kStoreNames[k]);
    const auto file = write_model(model, store);
    const auto read = read_model(file, "");
    ASSERT_TRUE(read) << testing::message_of(read);
    const bool exact = store == Store::plain || store == Store::full || store == Store::smallest;
    EXPECT_EQ(read->weights == model.weights, exact);
    for (const nn::GraphWeight& weight : model.graph->weights()) {
      const auto values = std::span<const float>(model.weights).subspan(weight.offset, weight.shape.size());
      const auto wanted = unpack(pack(values, plan_weight(weight, values, store)), values.size(),
                                 static_cast<std::size_t>(weight.shape[0]));
      ASSERT_TRUE(wanted);
      EXPECT_TRUE(
          std::ranges::equal(*wanted, std::span<const float>(read->weights).subspan(weight.offset, values.size())));
    }
    EXPECT_EQ(write_model(*read, store), file) << "once more the same bytes";
  }
}

TEST(ModelFile, TheSmallestKeepsWhatPruningAndQuantisingLeft) {
  nn::Model model = tiny_model();
  std::vector<float> weights = model.weights.copy();
  for (const nn::GraphWeight& weight : model.graph->weights()) {
    if (weight.shape.rank() < 2) continue;
    const auto values = std::span(weights).subspan(weight.offset, weight.shape.size());
    const base::Quantiser quantiser(values, 4, false);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 2 == 0 ? 0.0F : quantiser.nearest(values[i]);
  }
  model.weights = std::move(weights);
  const auto file = write_model(model, Store::smallest);
  const auto read = read_model(file, "");
  ASSERT_TRUE(read) << testing::message_of(read);
  EXPECT_EQ(read->weights, model.weights);
  const auto parsed = parse_safetensors(file);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->metadata.contains(kPackingKey));
  // Other programs find bytes of eight bits in the shape of the tensor.
  const auto eight = write_model(tiny_model(), Store::int8);
  const auto bytes = parse_safetensors(eight);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->find("fc.weight")->dtype, Dtype::i8);
  EXPECT_EQ(bytes->find("fc.weight")->shape.size(), 2U);
  EXPECT_NE(bytes->find("fc.weight#scale"), nullptr);
}

// Names that are written longer than they are, once in the list and once more in the header around it.
TEST(ModelFile, TheBytesOfAFileAreKnownWithoutWritingIt) {
  nn::Model model = tiny_model();
  for (const std::size_t classes : {0U, 1U, 3U, 4096U, 9000U}) {
    model.labels.assign(classes, "");
    for (std::size_t k = 0; k < classes; ++k)
      model.labels[k] = (k % 3 == 0 ? "a \"b\\c\"\n" : k % 3 == 1 ? "\xFF\xC3" : "Löwe \x01") + std::to_string(k);
    for (int store = 0; store < kStores; ++store) {
      std::vector<StoredTensor> stored;
      for (const nn::GraphWeight& weight : model.graph->weights()) {
        const auto values = std::span<const float>(model.weights).subspan(weight.offset, weight.shape.size());
        stored.push_back(stored_tensor(weight, plan_weight(weight, values, static_cast<Store>(store))));
      }
      std::vector<const StoredTensor*> all;
      for (const StoredTensor& tensor : stored) all.push_back(&tensor);
      EXPECT_EQ(model_file_bytes(metadata_bytes(model), all), write_model(model, static_cast<Store>(store)).size())
          << classes << " classes, " << kStoreNames[store];
    }
  }
}

TEST(ModelFile, RefusesAPackingThatIsNone) {
  const nn::Model model = tiny_model();
  const auto file = write_model(model, Store::int4);
  const std::string text = testing::text_of(file);
  const auto refused = [&](const std::string& from, std::string to) {
    std::string bad = text;
    const std::size_t at = bad.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    EXPECT_EQ(from.size(), to.size());
    bad.replace(at, from.size(), to);
    const auto read = read_model(testing::bytes_of(bad), "");
    EXPECT_FALSE(read.has_value()) << to;
    return read ? "" : read.error().message();
  };
  EXPECT_NE(refused("\\\"bits\\\":4", "\\\"bits\\\":9").find("9 bits"), std::string::npos);
  EXPECT_NE(refused("\\\"bits\\\":4", "\\\"bits\\\":3").find("sizes"), std::string::npos);
  EXPECT_NE(refused("\\\"affine\\\":false", "\\\"affine\\\":\\\"n\\\"").find("something other than bits"),
            std::string::npos);
  EXPECT_NE(refused("conv1.weight#scale", "conv9.weight#scale").find("conv9.weight#scale"), std::string::npos);
  EXPECT_NE(refused("\"packing\"", "\"pecking\"").find("U8"), std::string::npos);
}

TEST(ModelFile, TakesTheFilesNameWhereItHasNone) {
  nn::Model model = tiny_model();
  model.name = "";
  model.title = "";
  model.provenance = "";
  const auto read = read_model(write_model(model), "mine");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "mine");
  EXPECT_EQ(read->title, "mine");
  EXPECT_EQ(read->provenance, "{}");
}

TEST(ModelFile, RoundsF64WithANotice) {
  const nn::Model model = tiny_model();
  std::vector<SafetensorsOutput> tensors;
  for (const auto& weight : model.graph->weights()) {
    SafetensorsOutput tensor{
        weight.name, Dtype::f64, {}, std::span(model.weights).subspan(weight.offset, weight.shape.size())};
    for (const int extent : weight.shape.extents()) tensor.shape.push_back(static_cast<std::uint64_t>(extent));
    tensors.push_back(tensor);
  }
  const auto old = write_model(model);
  const auto metadata = parse_safetensors(old)->metadata;
  std::vector<std::string> notices;
  const auto read = read_model(write_safetensors(tensors, metadata), "", &notices);
  ASSERT_TRUE(read) << testing::message_of(read);
  EXPECT_EQ(read->weights, model.weights);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_THAT(notices[0], ::testing::HasSubstr("F64"));
}

TEST(ModelFile, RefusesWhatHasNoGraphOfOurs) {
  EXPECT_REFUSED(read_model(testing::safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4), ""),
                 "no network");
  EXPECT_REFUSED(read_model(bytes_of("PK\x03\x04 and so on"), ""), "zip archive");
  EXPECT_REFUSED(read_model(bytes_of("\x80\x02\x8A\x0Al\xFC\x9C"
                                     "F\xF9 j\xA8P\x19"),
                            ""),
                 "pickle");
  EXPECT_REFUSED(read_model({}, ""), "0 bytes");
  EXPECT_REFUSED(read_model(bytes_of("\x80\x02"), ""), "too short");
  const auto file = write_model(tiny_model());
  EXPECT_REFUSED(read_model(changed(file, "\"weightroom\":\"1\"", "\"weightroom\":\"2\""), ""), "version");
  EXPECT_REFUSED(read_model(changed(file, "\"graph\":", "\"grapf\":"), ""), "no graph");
  EXPECT_REFUSED(read_model(changed(file, "conv2d", "conv9d"), ""), "conv9d");
  EXPECT_REFUSED(read_model(changed(file, "\\\"op\\\"", "\\\"up\\\""), ""), "'up'");
  EXPECT_REFUSED(read_model(changed(file, "[3,8,8]", "[3,8]"), ""), "three");
}

TEST(ModelFile, RefusesTensorsThatDoNotFitTheGraph) {
  const auto file = write_model(tiny_model());
  EXPECT_REFUSED(read_model(changed(file, "\"fc.bias\":", "\"fc.bios\":"), ""), "lacks the tensor 'fc.bias'");
  EXPECT_REFUSED(read_model(changed(file, "[4,3,3,3]", "[3,4,3,3]"), ""), "'conv1.weight' has the shape (3,4,3,3)");
  EXPECT_REFUSED(read_model(changed(file, "[4,3,3,3]", "[4,27]"), ""), "'conv1.weight' has the shape (4,27)");
  std::string extra = R"(,"more":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})";
  const std::string text = testing::text_of(file);
  const std::size_t length = static_cast<unsigned char>(text[0]) + 256U * static_cast<unsigned char>(text[1]);
  std::string header = text.substr(8, length);
  header.replace(header.rfind('}'), 1, extra);
  EXPECT_REFUSED(read_model(testing::with_length(header.size(), header + text.substr(8 + length)), ""),
                 "'more' that its graph does not use");
}

TEST(ModelFile, NamesTheTensorThatIsNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    nn::Model model = tiny_model();
    const auto& weight = model.graph->weights()[static_cast<std::size_t>(model.graph->find_weight("fc.weight"))];
    set_weight(model, weight.offset + 3, bad);
    EXPECT_REFUSED(read_model(write_model(model), ""), "'fc.weight' holds a value that is not finite");
  }
}

TEST(ModelFile, RefusesWrongLabelsAndPreprocessing) {
  const auto file = write_model(tiny_model());
  EXPECT_REFUSED(read_model(changed(file, "[\\\"cat\\\",", "["), ""), "1 label for the 2 classes");
  EXPECT_REFUSED(read_model(changed(file, "[\\\"cat\\\",", "[5,"), ""), "not a word");
  EXPECT_REFUSED(read_model(changed(file, "0.485", "\\\"x\\\""), ""), "three numbers");
  EXPECT_REFUSED(read_model(changed(file, "0.229", "0"), ""), "not positive");
  EXPECT_REFUSED(read_model(changed(file, "0.229", "1e300"), ""), "not finite");
  EXPECT_REFUSED(read_model(changed(file, "true", "1"), ""), "invert");
  EXPECT_REFUSED(read_model(changed(file, "{\\\"seed\\\":7}", "seven"), ""), "provenance");
  EXPECT_REFUSED(read_model(changed(file, "{\\\"seed\\\":7}", "{\\\"a\\\":1,\\\"a\\\":2}"), ""), "twice");
}

TEST(ModelFile, RefusesAGraphThatWouldEatTheMemory) {
  const auto file = changed(write_model(tiny_model()), "[3,8,8]", "[3,8000,8000]");
  EXPECT_REFUSED(read_model(file, ""), "MB for one picture");
}

TEST(GraphJson, IsTheInverseOfTheCanonicalForm) {
  const nn::Model model = tiny_model();
  const auto spec = parse_graph_spec(model.graph->canonical_json());
  ASSERT_TRUE(spec) << testing::message_of(spec);
  EXPECT_EQ(*spec, model.graph->spec());
}

TEST(GraphJson, ReadsEveryKindOfAttribute) {
  const auto spec = parse_graph_spec(R"( {"nodes": [{"op":"x","name":"n","inputs":["input"],
      "attributes":{"a":1,"b":[1,-2],"c":0.5,"d":"word","e":100000000000000000000}}], "input":[1,2,3]} )");
  ASSERT_TRUE(spec) << testing::message_of(spec);
  const auto& rows = spec->nodes[0].attributes.rows();
  EXPECT_EQ(rows.at("a"), nn::AttributeValue(1LL));
  EXPECT_EQ(rows.at("b"), nn::AttributeValue(std::vector<long long>{1, -2}));
  EXPECT_EQ(rows.at("c"), nn::AttributeValue(0.5));
  EXPECT_EQ(rows.at("d"), nn::AttributeValue(std::string("word")));
  EXPECT_EQ(rows.at("e"), nn::AttributeValue(1e20));
}

TEST(GraphJson, NamesTheNodeAndTheField) {
  const auto node = [](std::string_view text) {
    return parse_graph_spec(R"({"input":[1,2,3],"nodes":[)" + std::string(text) + "]}");
  };
  EXPECT_REFUSED(parse_graph_spec(""), "not valid JSON");
  EXPECT_REFUSED(parse_graph_spec("[]"), "not a JSON object");
  EXPECT_REFUSED(parse_graph_spec(R"({"input":[1,2,3]})"), "no list of nodes");
  EXPECT_REFUSED(parse_graph_spec(R"({"input":[1,2,0],"nodes":[]})"), "three whole numbers");
  EXPECT_REFUSED(parse_graph_spec(R"({"input":[1,2,3],"nodes":[],"extra":1})"), "'extra'");
  EXPECT_REFUSED(node("7"), "Node 1 of the graph is not an object");
  EXPECT_REFUSED(node(R"({"name":"c1","inputs":[]})"), "Node 1 of the graph, 'c1', has no op");
  EXPECT_REFUSED(node(R"({"name":5,"op":"relu","inputs":[]})"), "'name' that is not a word");
  EXPECT_REFUSED(node(R"({"name":"c1","op":"relu"})"), "'c1', has no list of inputs");
  EXPECT_REFUSED(node(R"({"name":"c1","op":"relu","inputs":[3]})"), "'c1', has an input that is not a name");
  EXPECT_REFUSED(node(R"({"name":"c1","op":"relu","inputs":[],"attributes":{"stride":null}})"),
                 "'c1', has an attribute 'stride' that is neither");
  EXPECT_REFUSED(node(R"({"name":"c1","op":"relu","inputs":[],"attributes":{"stride":[1,0.5]}})"),
                 "'stride' that is a list with something other");
  EXPECT_REFUSED(node(R"({"name":"c1","op":"relu","inputs":[],"attributes":{"stride":1,"stride":2}})"),
                 "'stride' twice");
  EXPECT_REFUSED(node(std::string(40, '[') + std::string(40, ']')), "nested deeper");
}

}  // namespace
}  // namespace weightroom::io
