#include "explain/aliases.h"

#include <set>

#include <gtest/gtest.h>

namespace weightroom::explain {
namespace {

TEST(Aliases, AreFoundHoweverTheyAreWritten) {
  for (const char* name : {"IntegratedGradients", "integratedgradients", "integrated_gradients", "Integrated-Gradients",
                           "integrated gradients", "LayerIntegratedGradients"}) {
    ASSERT_NE(method_called(name), nullptr) << name;
    EXPECT_EQ(method_called(name)->name, "integrated_gradients") << name;
  }
  EXPECT_EQ(method_called("Saliency")->name, "gradient");
  EXPECT_EQ(method_called("GradCAM++")->name, "grad_cam_plus_plus");
  EXPECT_EQ(method_called("GradCAMPlusPlus")->name, "grad_cam_plus_plus");
  EXPECT_EQ(method_called("LayerGradCam")->name, "grad_cam");
  EXPECT_EQ(method_called("Deconvolution")->name, "deconvnet");
  EXPECT_EQ(method_called("magic"), nullptr);
  EXPECT_EQ(method_called(""), nullptr);
  EXPECT_EQ(alias_called("grad_cam"), nullptr) << "our own";
}

TEST(Aliases, OfMethodsThatWeLackNameTheNearest) {
  EXPECT_EQ(method_called("EigenCAM"), nullptr);
  ASSERT_NE(alias_called("eigen_cam"), nullptr);
  EXPECT_EQ(alias_called("eigen_cam")->method, "grad_cam");
  EXPECT_FALSE(alias_called("FeatureAblation")->ours);
}

TEST(Aliases, LeadToMethodsThatAreThere) {
  std::set<std::string_view> names;
  for (const Alias& alias : aliases()) {
    EXPECT_TRUE(names.insert(alias.name).second) << alias.name << " stands twice";
    const MethodDef* method = find_method(alias.method);
    ASSERT_NE(method, nullptr) << alias.name;
    if (alias.of_layer) EXPECT_TRUE(method->takes_layer) << alias.name;
    EXPECT_EQ(method_called(alias.name), alias.ours ? method : nullptr) << alias.name;
  }
  for (const MethodDef& method : methods()) EXPECT_EQ(method_called(method.name), &method);
}

}  // namespace
}  // namespace weightroom::explain
